import { assert } from '../../sim/assert.ts';
import { until, type Process, type RunningProcess, type Waitable } from '../../sim/process.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { GuestPort } from '../compute/guest-port.ts';
import type { Host } from '../compute/host.ts';
import type { VirtualMachine } from '../compute/virtual-machine.ts';
import type { EndingStream, Stream } from '../network/stream.ts';
import type { Observations } from '../observations.ts';
import type { Reference } from '../security/reference.ts';
import { ContextMove } from './context-move.ts';
import { Cutover } from './cutover.ts';
import { travelsAt } from './engine-plan.ts';
import type { Learners } from './learners.ts';
import { memoryConnections } from './memory/memory-plan.ts';
import type { MemoryTransfer, RoundRecord } from './memory/memory-transfer.ts';
import type { MigrationSlots } from './migration-slots.ts';
import { PhaseJournal } from './phase-journal.ts';
import type { PhaseSignals } from './phase-signals.ts';
import type { Scheme } from './scheme.ts';
import { SerialStream } from './serial-stream.ts';

export interface MigrationSetup {
  readonly simulation: Simulation;
  readonly observations: Observations;
  readonly name: string;
  readonly vm: VirtualMachine;
  readonly source: Host;
  readonly destination: Host;
  readonly scheme: Scheme;
  readonly reference: Reference;
  readonly slots: MigrationSlots;
  readonly learners: Learners;
  /** Given up when it has not committed so long after the request; Infinity for never. */
  readonly giveUpNs: number;
  /** A new stream from source to destination, with its weight against other streams. */
  readonly openStream: (weight: number) => EndingStream;
  /** The same from destination to source. */
  readonly openReturn: () => EndingStream;
  readonly transferMemory: (stream: Stream, hooks: RoundHooks) => MemoryTransfer;
}

export interface RoundHooks {
  roundStarted(round: number): void;
  roundEnded(record: RoundRecord): void;
  throttled(percent: number): void;
}

/** A phase of the script; its result is why the migration fails, or null. */
type PhaseScript = Generator<Waitable, string | null, unknown>;

class Interruption extends Error {
  override readonly name = 'Interruption';
}

/**
 * One VM on its way from one host to another under a scheme. The script reads like the phases of Clark et al.
 * (NSDI 2005, section 3.2): before the commit every failure leaves the VM at the source with its context whole,
 * after it the VM runs at the destination.
 */
export class Migration {
  readonly name: string;
  readonly vm: VirtualMachine;
  /** Fires when the phase is reached first; a fault or another migration can wait for it. */
  readonly phases: PhaseSignals;
  private readonly setup: MigrationSetup;
  private readonly journal: PhaseJournal;
  /** Carries memory, what was held, and context that has no stream of its own. */
  private readonly stream: SerialStream;
  private readonly memory: MemoryTransfer;
  private readonly context: ContextMove;
  private readonly cutover: Cutover;
  private readonly sourcePort: GuestPort;
  private process: RunningProcess | null = null;
  private stoppedCopy: RunningProcess | null = null;
  private replication: RunningProcess | null = null;
  private claimed = false;
  private reserved = false;
  /** Why it failed, once it has. */
  private failure: string | null = null;
  private committed = false;
  /** Nothing of the VM's memory is needed at the source any more. */
  private sourceFreed = false;
  /** The source's daemon, which would have worked on behind the running VM, is gone. */
  private orphaned = false;

  constructor(setup: MigrationSetup) {
    this.setup = setup;
    this.name = setup.name;
    this.vm = setup.vm;
    this.journal = new PhaseJournal(setup);
    this.phases = this.journal.phases;
    if (setup.scheme.context.store === 'remote') setup.vm.lookupNs = setup.scheme.context.lookupNs;
    this.sourcePort = setup.source.port(setup.vm, setup.reference);
    this.stream = new SerialStream(setup.openStream(memoryConnections(setup.scheme.memory)));
    this.memory = setup.transferMemory(this.stream, {
      roundStarted: (round) => this.roundStarted(round),
      roundEnded: (record) => this.journal.roundEnded(record),
      throttled: (percent) => this.journal.throttled(percent),
    });
    this.context = new ContextMove({
      memoryStream: this.stream,
      ...setup,
      fail: (reason) => this.fail(reason),
    });
    this.cutover = new Cutover({
      stream: this.stream,
      ...setup,
      context: this.context,
      drained: () => this.cleanUp(),
    });
  }

  start(): void {
    assert(this.process === null, 'a migration starts once');
    this.process = this.setup.simulation.spawn(this.script());
    if (this.setup.giveUpNs !== Infinity) {
      this.setup.simulation.schedule(this.setup.giveUpNs, giveUp, this);
    }
  }

  /** Ends the migration before its commit; does nothing after it. */
  fail(reason: string): void {
    if (this.committed || this.process === null || this.process.done.fired) return;
    this.failure = reason;
    this.process.interrupt(new Interruption(reason));
  }

  /**
   * The process that migrates VMs has died on one of the two hosts; VMs, engines and pages that are fetched go on.
   * Before the commit the migration fails; after it, what that host had still to do is never done.
   */
  daemonLost(host: string): void {
    const { source, destination, scheme } = this.setup;
    if (host !== source.name && host !== destination.name) return;
    this.fail(`the migration daemon of ${host} has crashed`);
    if (!this.committed) return;
    this.context.stop();
    // Nobody waits any more for packets that the other daemon may never send.
    destination.port(this.vm, this.setup.reference).letGo();
    if (host !== source.name || this.orphaned) return;
    this.orphaned = true;
    const open = scheme.cleanup.when !== 'never' && !this.phases['cleaned-up'].fired;
    if (open) this.context.close();
  }

  /** A host has died, after its VMs. In post-copy the VM is lost also with the host that still has pages of it. */
  hostLost(host: string): void {
    const { vm, source } = this.setup;
    const underWay = this.process !== null && !this.phases.failed.fired && !this.phases.learnt.fired;
    const needsPages = this.committed && !this.sourceFreed && host === source.name;
    this.daemonLost(host);
    if (!underWay) return;
    if (needsPages) this.losePages();
    else if (vm.place === host) this.journal.publish('lost', `${host} has died, and the VM with it`);
  }

  private losePages(): void {
    this.vm.die();
    this.process?.interrupt(new Interruption('the VM is lost'));
    this.freeSource();
    this.setup.reference.touched(null);
    this.journal.publish(
      'lost',
      `${this.setup.source.name} has died with pages that the VM had not fetched yet`,
    );
  }

  private freeSource(): void {
    this.sourceFreed = true;
    this.setup.source.release(this.vm);
    this.setup.slots.release(this.vm.name);
  }

  private *script(): Process {
    const { slots, source, destination } = this.setup;
    this.journal.reach('request');
    const place = slots.request([source.name, destination.name]);
    try {
      yield* until(place.admitted);
      this.failure = this.reserve() ?? (yield* this.live()) ?? (yield* this.stop());
      if (this.failure === null) this.commit();
    } finally {
      this.replication?.interrupt(new Interruption('replication ends with the commit'));
      if (this.committed) this.activate();
      else this.undo();
      slots.leave(place);
    }
    if (this.committed) yield* this.settle();
  }

  private reserve(): string | null {
    const { destination, slots, vm } = this.setup;
    this.claimed = slots.claim(vm.name);
    if (!this.claimed) return 'the VM is moving already';
    if (this.sourcePort.state !== 'open') return 'the VM does not run at the source';
    if (!destination.accepts) return 'the destination refuses the VM';
    const { refusal } = this.context;
    if (refusal !== null) return refusal;
    if (!destination.reserve(vm)) return 'the destination has no room for the VM';
    this.reserved = true;
    this.context.reserve();
    this.journal.reach('reserve');
    this.context.request('at-reservation', 0);
    return null;
  }

  private *live(): PhaseScript {
    const { simulation, scheme } = this.setup;
    if (travelsAt(scheme.context, 'continuously')) this.replication = simulation.spawn(this.replicate());
    yield* this.memory.live();
    return this.memory.verdict === 'gave-up' ? 'the memory does not converge' : null;
  }

  private *replicate(): Process {
    for (;;) {
      yield this.setup.scheme.context.lagNs;
      this.context.request('continuously', 0);
    }
  }

  private *stop(): PhaseScript {
    const { simulation, vm, scheme } = this.setup;
    const { channel } = scheme.transport;
    vm.pause(scheme.inFlight);
    this.journal.reach('stop');
    this.context.freeze();
    if (scheme.cleanup.when === 'at-pause') this.cleanUp();
    if (channel !== 'after-pages') this.context.request('stop-phase', 0);
    if (channel === 'before-pages') {
      const refused = yield* this.context.passGate();
      if (refused !== null) return refused;
    }
    this.stoppedCopy = simulation.spawn(this.memory.stopped());
    yield* until(this.stoppedCopy.done);
    this.journal.publish('memory-complete', '');
    if (channel === 'after-pages') this.context.request('stop-phase', 0);
    const refused = yield* this.context.passGate();
    if (refused === null && this.context.complete) this.journal.publish('context-complete', '');
    return refused;
  }

  private commit(): void {
    const { source, destination, scheme } = this.setup;
    this.committed = true;
    this.sourcePort.leave(scheme.cutover.redirect ? (packet) => source.redirect(packet, destination) : null);
    this.journal.reach('commit');
    this.context.commit();
    if (scheme.cleanup.when === 'at-commit') this.cleanUp();
  }

  private activate(): void {
    const { vm, scheme } = this.setup;
    const held = this.sourcePort.takeHeld();
    this.cutover.resume(held);
    this.journal.reach('activate');
    this.context.resume();
    if (scheme.cutover.sessionReset) vm.stack.resetConnections();
    const { when } = scheme.cleanup;
    const forgotten = this.phases['cleaned-up'].fired || when === 'never' || when === 'when-drained';
    if (forgotten) this.context.close();
    this.cutover.followUp(held);
  }

  /** What happens behind the running guest: remaining pages, learners, cleanup. */
  private *settle(): Process {
    const { simulation, destination, vm, scheme, learners } = this.setup;
    yield* this.memory.remote();
    this.freeSource();
    this.journal.publish('source-freed', '');
    if (scheme.cleanup.when === 'after-resume')
      simulation.schedule(scheme.cleanup.delayNs, cleanUpLate, this);
    yield* until(learners.learnt(vm, destination));
    this.journal.reach('learnt');
    yield* until(this.phases['cleaned-up']);
  }

  /** The run ends: says what became of the context, where a cleanup that has not come yet would have said it. */
  publishStates(): void {
    this.context.close();
  }

  /** Called when the source forgets the VM. */
  cleanUp(): void {
    if (this.orphaned) return;
    if (!this.isBack) this.context.cleanUp();
    this.journal.reach('cleaned-up');
    if (this.phases.activate.fired) this.context.close();
  }

  /** The VM has come back, or is on its way: a late cleanup by interface finds that the one that it left is gone. */
  private get isBack(): boolean {
    const { source, vm, scheme } = this.setup;
    return scheme.cleanup.by === 'interface' && this.sourceFreed && source.has(vm);
  }

  private undo(): void {
    const { source, destination, vm, reference, scheme } = this.setup;
    this.stoppedCopy?.interrupt(new Interruption('the migration failed'));
    this.memory.breakOff(this.stream.close());
    if (this.reserved) {
      this.context.undo();
      destination.release(vm);
    }
    if (this.claimed) this.setup.slots.release(vm.name);
    if (this.phases.stop.fired) {
      const held = this.sourcePort.takeHeld();
      vm.run(source.port(vm, reference));
      if (!vm.dead) this.context.stay();
      this.sourcePort.replay(held, scheme.inFlight.replay);
    }
    this.setup.reference.touched(null);
    this.phases.failed.fire();
    this.journal.publish('failed', this.failure ?? '');
  }

  private roundStarted(round: number): void {
    if (this.phases.stop.fired) return;
    this.journal.reach('round');
    if (round > 1) this.context.request('each-round', round);
  }
}

function giveUp(migration: Migration): void {
  migration.fail('not done within the time that the scenario allows');
}

function cleanUpLate(migration: Migration): void {
  migration.cleanUp();
}
