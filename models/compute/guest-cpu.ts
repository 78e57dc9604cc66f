import type { Simulation } from '../../sim/simulation.ts';
import { packetFrames } from '../network/frame.ts';
import { packetBytes, type Packet } from '../network/packet.ts';
import type { GuestClock } from './guest-clock.ts';
import { WorkQueue } from './work-queue.ts';

/** What a guest wants of a host's CPUs. */
export interface GuestCpuSettings {
  readonly vcpus: number;
  /** CPUs that it uses for other things than packets while nothing slows it. */
  readonly loadCpus: number;
  readonly weight: number;
  /** CPU time of the guest for each Ethernet frame of a packet that it sends or takes, ns. */
  readonly frameNs: number;
  /** CPU time of the guest for each byte of these packets, ns. */
  readonly byteNs: number;
}

/**
 * A guest on the CPUs of one host. Where they are short, its clock slows by as much as its own work gets less than
 * it wants, and its packets wait. Its work and its packets share what it gets by the max–min rule.
 */
export class GuestCpu {
  readonly packets: WorkQueue;
  readonly settings: GuestCpuSettings;
  private readonly simulation: Simulation;
  private readonly clock: GuestClock;
  private readonly changed: () => void;
  private here = false;
  private packetCpus = 0;
  private workedNs = 0;
  private measuredNs = 0;
  private computeCpus = 0;
  private computedNs = 0;
  private sinceNs: number;

  /** `changed` is called when the guest comes or goes. */
  constructor(
    simulation: Simulation,
    settings: GuestCpuSettings,
    clock: GuestClock,
    packetsMax: number,
    changed: () => void,
  ) {
    this.simulation = simulation;
    this.settings = settings;
    this.clock = clock;
    this.changed = changed;
    this.packets = new WorkQueue(simulation, packetsMax, settings.vcpus);
    this.sinceNs = simulation.nowNs;
  }

  get weight(): number {
    return this.settings.weight;
  }

  /** What it would use: its own work and what its packets used in the last interval. */
  get demandCpus(): number {
    return Math.min(this.settings.vcpus, this.settings.loadCpus + this.packetCpus);
  }

  /** Whether packets take the guest's time. */
  get stackCosts(): boolean {
    return this.settings.frameNs > 0 || this.settings.byteNs > 0;
  }

  /** CPU time of the guest for a packet that it sends or takes, ns. */
  costNs(packet: Packet): number {
    const { frameNs, byteNs } = this.settings;
    return Math.ceil(packetFrames(packet) * frameNs + packetBytes(packet) * byteNs);
  }

  /** Whether it ever uses CPU time. */
  get works(): boolean {
    return this.settings.loadCpus > 0 || this.stackCosts;
  }

  /** Whether it takes CPU time from others. */
  get wants(): boolean {
    return this.here && this.works;
  }

  /** Whether what it wants may be different after the next interval. */
  get busy(): boolean {
    return this.here && (this.packetCpus > 0 || this.packets.waiting > 0);
  }

  /** The guest runs here from now on, or no longer. */
  setPresent(here: boolean): void {
    if (here === this.here) return;
    this.advance();
    this.here = here;
    if (!here) this.computeCpus = 0;
    if (this.works) this.changed();
  }

  /** An interval of this length is over. */
  turnWindow(lengthNs: number): void {
    this.packetCpus = (this.packets.workNs - this.measuredNs) / lengthNs;
    this.measuredNs = this.packets.workNs;
  }

  /** The guest has so many CPUs by its demand, and may use up to `mostCpus` for packets that come now. */
  grant(cpus: number, mostCpus: number): void {
    this.advance();
    const { loadCpus, vcpus } = this.settings;
    // Short: what is less than its fair half stays whole, the other gives way.
    const half = cpus / 2;
    const compute = Math.min(loadCpus, Math.max(half, cpus - this.packetCpus));
    this.computeCpus = compute;
    if (loadCpus > 0) this.clock.setRate(Math.min(1, compute / loadCpus), 'cpu');
    const most = Math.min(vcpus, mostCpus);
    this.packets.setSpeed(Math.max(most - compute, most / (loadCpus > 0 ? 2 : 1)));
  }

  /** CPU time since this was asked last, ns. */
  takeUsedNs(): number {
    this.advance();
    const usedNs = this.computedNs + this.packets.workNs - this.workedNs;
    this.computedNs = 0;
    this.workedNs = this.packets.workNs;
    return usedNs;
  }

  private advance(): void {
    const { nowNs } = this.simulation;
    this.computedNs += (nowNs - this.sinceNs) * this.computeCpus;
    this.sinceNs = nowNs;
  }
}
