import { assert } from '../../sim/assert.ts';
import {
  until,
  untilOrTimeout,
  type Process,
  type RunningProcess,
  type Waitable,
} from '../../sim/process.ts';
import { Signal } from '../../sim/signal.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { GuestPort } from '../compute/guest-port.ts';
import type { Host } from '../compute/host.ts';
import type { VirtualMachine } from '../compute/virtual-machine.ts';
import type { Stream } from '../network/stream.ts';
import type { Observations } from '../observations.ts';
import type { Reference } from '../security/reference.ts';
import type { SecurityEngine } from '../security/security-engine.ts';
import { ContextCarrier, allDrained } from './context-carrier.ts';
import { ContextLedger } from './context-ledger.ts';
import type { Learners } from './learners.ts';
import type { MemoryTransfer, RoundRecord } from './memory/memory-transfer.ts';
import type { MigrationSlots } from './migration-slots.ts';
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
  readonly openStream: (weight: number) => Stream;
  readonly transferMemory: (stream: Stream, hooks: RoundHooks) => MemoryTransfer;
}

export interface RoundHooks {
  roundStarted(round: number): void;
  roundEnded(record: RoundRecord): void;
}

type Phase =
  'request' | 'reserve' | 'round' | 'stop' | 'commit' | 'activate' | 'learnt' | 'cleaned-up' | 'failed';

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
  readonly phases: Readonly<Record<Phase, Signal<void>>>;
  private readonly setup: MigrationSetup;
  private readonly carriers: readonly ContextCarrier[];
  private readonly memory: MemoryTransfer;
  private readonly context: ContextLedger;
  private readonly sourcePort: GuestPort;
  private process: RunningProcess | null = null;
  private stoppedCopy: RunningProcess | null = null;
  private reserved = false;
  /** Why it failed, once it has. */
  private failure: string | null = null;
  private committed = false;

  constructor(setup: MigrationSetup) {
    this.setup = setup;
    this.name = setup.name;
    this.vm = setup.vm;
    this.phases = unfired();
    this.sourcePort = setup.source.port(setup.vm, setup.reference);
    const stream = new SerialStream(setup.openStream(1));
    this.memory = setup.transferMemory(stream, {
      roundStarted: (round) => this.roundStarted(round),
      roundEnded: (record) => this.roundEnded(record),
    });
    this.carriers = this.pairs().map(([source, destination]) => this.carrier(source, destination, stream));
    this.context = new ContextLedger(setup.observations, setup.name, setup.vm, this.pairs());
  }

  get inProgress(): boolean {
    return this.process !== null && !this.process.done.fired;
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

  private *script(): Process {
    const { slots, source, destination } = this.setup;
    const hosts = [source.name, destination.name];
    this.reach('request');
    yield* slots.acquire(hosts);
    try {
      this.failure = this.reserve() ?? (yield* this.live()) ?? (yield* this.stop());
      if (this.failure === null) this.commit();
    } finally {
      if (!this.committed) this.undo();
      slots.release(hosts);
    }
    if (!this.committed) return;
    this.activate();
    yield* this.settle();
  }

  private reserve(): string | null {
    const { source, destination, vm, scheme } = this.setup;
    assert(source.port(vm, this.setup.reference).state === 'open', 'a VM moves from where it runs');
    if (!destination.reserve(vm)) return 'the destination has no room for the VM';
    this.reserved = true;
    for (const [from, to] of this.pairs()) {
      const until = scheme.context.untilInstalled;
      to.setPolicy(vm, until === 'rules' ? from.policy(vm) : { kind: until });
    }
    this.reach('reserve');
    this.request('at-reservation', 0);
    return null;
  }

  private *live(): PhaseScript {
    const { simulation, scheme } = this.setup;
    const replication = scheme.context.entries.includes('continuously')
      ? simulation.spawn(this.replicate())
      : null;
    try {
      yield* this.memory.live();
    } finally {
      replication?.interrupt(new Interruption('replication ends with the rounds'));
    }
    return this.memory.verdict === 'gave-up' ? 'the memory does not converge' : null;
  }

  private *replicate(): Process {
    for (;;) {
      yield this.setup.scheme.context.lagNs;
      this.request('continuously', 0);
    }
  }

  private *stop(): PhaseScript {
    const { simulation, vm, scheme } = this.setup;
    const { channel } = scheme.transport;
    vm.pause(scheme.inFlight);
    this.reach('stop');
    this.context.freeze(simulation.nowNs);
    if (scheme.cleanup.when === 'at-pause') this.cleanUp();
    if (channel !== 'after-pages') this.request('stop-phase', 0);
    let refused = channel === 'before-pages' ? yield* this.passGate() : null;
    this.stoppedCopy = simulation.spawn(this.memory.stopped());
    yield* until(this.stoppedCopy.done);
    this.publish('memory-complete', '');
    if (channel === 'after-pages') this.request('stop-phase', 0);
    if (channel !== 'before-pages') refused = yield* this.passGate();
    return refused;
  }

  /** Waits for the context as long as the scheme says. */
  private *passGate(): PhaseScript {
    const { gate } = this.setup.scheme.context;
    if (!gate.waits) return null;
    const { simulation } = this.setup;
    const drained = simulation.spawn(allDrained(this.carriers)).done;
    yield* untilOrTimeout(drained, gate.timeoutNs);
    if (this.carriers.some((carrier) => carrier.overCap)) {
      return 'the security context is larger than the scheme allows';
    }
    if (drained.fired) this.publish('context-complete', '');
    else if (gate.then === 'abort') return 'the security context did not arrive in time';
    return null;
  }

  private commit(): void {
    const { source, destination, scheme } = this.setup;
    this.committed = true;
    this.sourcePort.leave(scheme.cutover.redirect ? (packet) => source.redirect(packet, destination) : null);
    this.reach('commit');
    if (scheme.cleanup.when === 'at-commit') this.cleanUp();
  }

  private activate(): void {
    const { simulation, destination, vm, scheme, reference } = this.setup;
    const port = destination.port(vm, reference);
    const held = this.sourcePort.takeHeld();
    vm.run(port);
    this.reach('activate');
    this.context.resume(simulation.nowNs);
    const forgotten = this.phases['cleaned-up'].fired || scheme.cleanup.when === 'never';
    if (forgotten) this.context.close(simulation.nowNs);
    for (const packet of held) {
      if (scheme.inFlight.replay === 'before-chain') port.receive(packet);
      else port.deliverJudged(packet);
    }
    for (const offsetNs of scheme.cutover.announceNs) simulation.schedule(offsetNs, announce, this);
    if (scheme.context.rules.includes('after-resume') || scheme.context.entries.includes('after-resume')) {
      simulation.schedule(scheme.context.afterResumeNs, requestLate, this);
    }
  }

  /** What happens behind the running guest: remaining pages, learners, cleanup. */
  private *settle(): Process {
    const { simulation, source, destination, vm, scheme, learners } = this.setup;
    yield* this.memory.remote();
    source.release(vm);
    this.publish('source-freed', '');
    if (scheme.cleanup.when === 'after-resume')
      simulation.schedule(scheme.cleanup.delayNs, cleanUpLate, this);
    yield* until(learners.learnt(vm, destination));
    this.reach('learnt');
    yield* until(this.phases['cleaned-up']);
  }

  /** Called when the source forgets the VM. */
  cleanUp(): void {
    const { simulation, source, vm, scheme } = this.setup;
    for (const engine of source.engines) {
      engine.forget(vm, scheme.cleanup.by, scheme.cleanup.flushShared, simulation.nowNs);
    }
    this.reach('cleaned-up');
    if (this.phases.activate.fired) this.context.close(simulation.nowNs);
  }

  announce(): void {
    const { destination, vm, scheme } = this.setup;
    if (vm.state === 'running' && destination.port(vm, this.setup.reference).state === 'open') {
      destination.announce(vm, scheme.cutover.announcement);
    }
  }

  requestLate(): void {
    this.request('after-resume', 0);
  }

  private undo(): void {
    const { simulation, source, destination, vm, reference } = this.setup;
    this.stoppedCopy?.interrupt(new Interruption('the migration failed'));
    for (const carrier of this.carriers) carrier.stop();
    if (this.reserved) {
      destination.release(vm);
      for (const engine of destination.engines) {
        engine.forget(vm, this.setup.scheme.selection.by, false, simulation.nowNs);
        engine.setPolicy(vm, { kind: 'drop-all' });
      }
    }
    if (vm.state === 'paused') {
      const held = this.sourcePort.takeHeld();
      vm.run(source.port(vm, reference));
      for (const packet of held) this.sourcePort.receive(packet);
    }
    this.phases.failed.fire();
    this.publish('failed', this.failure ?? '');
  }

  private roundStarted(round: number): void {
    if (this.phases.stop.fired) return;
    this.reach('round');
    if (round > 1) this.request('each-round', round);
  }

  private roundEnded(record: RoundRecord): void {
    const { memoryRound } = this.setup.observations;
    if (!memoryRound.observed) return;
    const { round, phase, startNs, endNs, pages, bytes } = record;
    memoryRound.publish({
      migration: this.name,
      round,
      stopped: phase === 'stopped',
      startNs,
      endNs,
      pages,
      bytes,
    });
  }

  private request(moment: Parameters<ContextCarrier['request']>[0], round: number): void {
    for (const carrier of this.carriers) carrier.request(moment, round);
  }

  private reach(phase: Phase): void {
    if (this.phases[phase].fired) return;
    this.phases[phase].fire();
    this.publish(phase, '');
  }

  private publish(
    phase: Phase | 'memory-complete' | 'context-complete' | 'source-freed',
    reason: string,
  ): void {
    const { simulation, observations } = this.setup;
    observations.migrationPhase.publish({
      timeNs: simulation.nowNs,
      migration: this.name,
      vm: this.vm.name,
      phase,
      reason,
    });
  }

  /** The engines of source and destination that hold the same kind of context. */
  private pairs(): (readonly [SecurityEngine, SecurityEngine])[] {
    const { source, destination } = this.setup;
    return source.engines.flatMap((from) => {
      const to = destination.engines.find((engine) => engine.name === from.name);
      return to === undefined ? [] : [[from, to] as const];
    });
  }

  private carrier(source: SecurityEngine, destination: SecurityEngine, shared: Stream): ContextCarrier {
    const { simulation, observations, vm, scheme, openStream } = this.setup;
    const { channel, weight } = scheme.transport;
    return new ContextCarrier({
      simulation,
      observations,
      migration: this.name,
      vm,
      source,
      destination,
      stream: channel === 'own-flow' ? openStream(weight) : shared,
      plan: scheme.context,
      selection: scheme.selection,
      reconcile: scheme.reconcile,
      transport: scheme.transport,
      sourceCostScale: this.setup.source.costScale,
      destinationCostScale: this.setup.destination.costScale,
    });
  }
}

function unfired(): Record<Phase, Signal<void>> {
  return {
    request: new Signal(),
    reserve: new Signal(),
    round: new Signal(),
    stop: new Signal(),
    commit: new Signal(),
    activate: new Signal(),
    learnt: new Signal(),
    'cleaned-up': new Signal(),
    failed: new Signal(),
  };
}

function giveUp(migration: Migration): void {
  migration.fail('not done within the time that the scenario allows');
}

function announce(migration: Migration): void {
  migration.announce();
}

function requestLate(migration: Migration): void {
  migration.requestLate();
}

function cleanUpLate(migration: Migration): void {
  migration.cleanUp();
}
