import type { Simulation } from '../../sim/simulation.ts';
import { DrainAppliance } from '../compute/drain-appliance.ts';
import type { GuestPort } from '../compute/guest-port.ts';
import type { Host } from '../compute/host.ts';
import type { VirtualMachine } from '../compute/virtual-machine.ts';
import { packetBytes, type Packet } from '../network/packet.ts';
import type { Stream } from '../network/stream.ts';
import type { Observations } from '../observations.ts';
import type { Reference } from '../security/reference.ts';
import type { ContextMove } from './context-move.ts';
import { travelsAt } from './engine-plan.ts';
import type { Scheme } from './scheme.ts';
import { untilDrained } from './until-drained.ts';

export interface CutoverSetup {
  readonly simulation: Simulation;
  readonly observations: Observations;
  /** Of the migration. */
  readonly name: string;
  readonly vm: VirtualMachine;
  readonly source: Host;
  readonly destination: Host;
  readonly scheme: Scheme;
  readonly reference: Reference;
  /** Takes what was held at the source. */
  readonly stream: Stream;
  readonly context: ContextMove;
  /** Called once no old connection goes through the source's engines any more, where the scheme drains them. */
  readonly drained: () => void;
}

/**
 * How a VM takes up its place at the destination: what its interface there does with packets, the packets that were
 * held for it at the source, and the announcements from which the network learns.
 */
export class Cutover {
  private readonly setup: CutoverSetup;

  constructor(setup: CutoverSetup) {
    this.setup = setup;
  }

  /** Resumes the guest at the destination, which is to get what was held as well. */
  resume(held: readonly Packet[]): void {
    const { vm, scheme } = this.setup;
    const { port } = this;
    this.addTo(port);
    const { order, holdBytesMax } = scheme.inFlight;
    if (held.length > 0 && order === 'held-first') port.holdBack(holdBytesMax);
    vm.run(port);
  }

  /** What follows the resume: held packets, late context, announcements. */
  followUp(held: readonly Packet[]): void {
    const { simulation, scheme } = this.setup;
    if (held.length > 0) this.forward(held);
    const { afterResumeNs } = scheme.context;
    const late = travelsAt(scheme.context, 'after-resume');
    if (late) simulation.schedule(afterResumeNs, requestLate, this);
    const { announceWhen, announceNs } = scheme.cutover;
    const fromNs = late && announceWhen === 'context-complete' ? afterResumeNs : 0;
    for (const offsetNs of announceNs) simulation.schedule(fromNs + offsetNs, announce, this);
  }

  announce(): void {
    const { simulation, observations, name, destination, vm, scheme, context } = this.setup;
    const { announceWhen, announcement } = scheme.cutover;
    if (announceWhen === 'context-complete' && !context.complete) {
      context.drained(() => simulation.schedule(0, announce, this));
      return;
    }
    const { port } = this;
    if (vm.state !== 'running' || port.state !== 'open') return;
    port.activated = true;
    destination.announce(vm, announcement, observations);
    const { nowNs: timeNs } = simulation;
    observations.announcementSent.publish({ timeNs, migration: name, vm: vm.name, host: destination.name });
  }

  requestLate(): void {
    this.setup.context.request('after-resume', 0);
  }

  private get port(): GuestPort {
    const { destination, vm, reference } = this.setup;
    return destination.port(vm, reference);
  }

  /** What the scheme does with packets at the destination beside its engines. */
  private addTo(port: GuestPort): void {
    const { simulation, source, vm, scheme, context, drained } = this.setup;
    const { drain, drainDetourNs, activateOn } = scheme.cutover;
    const appliance = drain ? new DrainAppliance(source.engines, drainDetourNs) : null;
    port.additions = { appliance, context: context.fetch() };
    port.activated = activateOn === 'resume';
    if (appliance === null || scheme.cleanup.when !== 'when-drained') return;
    simulation.spawn(untilDrained(appliance, vm, simulation)).done.listen(drained);
  }

  /** Sends what was held at the source after the guest. */
  private forward(held: readonly Packet[]): void {
    const { stream, scheme } = this.setup;
    const { port } = this;
    const bytes = held.reduce((sum, packet) => sum + packetBytes(packet), 0);
    const { replay } = scheme.inFlight;
    stream.send(bytes, Infinity).listen(() => port.replay(held, replay));
  }
}

function announce(cutover: Cutover): void {
  cutover.announce();
}

function requestLate(cutover: Cutover): void {
  cutover.requestLate();
}
