import type { Simulation } from '../../sim/simulation.ts';
import { ms } from '../../sim/time.ts';
import { Timer } from '../../sim/timer.ts';
import { inward } from '../compute/guest-port.ts';
import type { VirtualMachine } from '../compute/virtual-machine.ts';
import type { Packet } from '../network/packet.ts';
import type { Observations } from '../observations.ts';
import type { Reference } from '../security/reference.ts';
import type { HeldTargets } from './held-targets.ts';

/** A packet that an attacker could send now; null when it has no target. */
export interface ExposureProbe {
  readonly kind: string;
  readonly packet: () => Packet | null;
}

export interface ExposureWatchSetup {
  readonly simulation: Simulation;
  readonly observations: Observations;
  readonly vm: VirtualMachine;
  readonly reference: Reference;
  readonly probes: readonly ExposureProbe[];
  readonly targets: HeldTargets;
}

/** What ends by itself, such as an entry whose time is up, is seen this long after it at most. */
const recheckNs = 100 * ms;

/**
 * Publishes from when to when a probe of each kind would reach the VM and would not at the reference. Nothing is
 * sent: engines are asked, at the end of every instant at which policies or entries were moved, the VM was paused
 * or resumed, or a connection that the probes aim at sent a packet.
 */
export class ExposureWatch {
  private readonly setup: ExposureWatchSetup;
  private readonly exposed = new Map<string, boolean>();
  private readonly recheck: Timer;
  private due = false;
  /** Something has moved: until then engine and reference have seen the same. */
  private moved = false;

  constructor(setup: ExposureWatchSetup) {
    this.setup = setup;
    this.recheck = new Timer(setup.simulation, () => this.look());
  }

  start(): void {
    if (!this.setup.observations.exposureChanged.observed) return;
    this.setup.reference.watch((packet) => this.touched(packet));
    this.look();
  }

  publishStates(): void {
    // A window that is open when the run ends is closed by whoever measures it.
  }

  /** Asks all engines about each kind. */
  look(): void {
    this.due = false;
    const { simulation, observations, vm, probes } = this.setup;
    for (const { kind, packet } of probes) {
      const exposed = this.isExposed(packet());
      if (exposed === this.exposed.get(kind)) continue;
      this.exposed.set(kind, exposed);
      observations.exposureChanged.publish({ timeNs: simulation.nowNs, vm: vm.name, kind, exposed });
    }
    if ([...this.exposed.values()].includes(true)) this.recheck.arm(recheckNs);
  }

  private touched(packet: Packet | null): void {
    if (packet === null) {
      this.moved = true;
      this.setup.targets.release();
    } else if (!this.moved || !this.setup.targets.aimsAt(packet.flow)) return;
    if (this.due) return;
    this.due = true;
    this.setup.simulation.schedule(0, look, this);
  }

  private isExposed(packet: Packet | null): boolean {
    const { simulation, vm, reference } = this.setup;
    if (packet === null || vm.state !== 'running') return false;
    const { nowNs } = simulation;
    const reaches = vm.wouldPass(packet, inward);
    return reaches && !reference.wouldPass(packet, inward, nowNs);
  }
}

function look(watch: ExposureWatch): void {
  watch.look();
}
