import { untilOrTimeout, type Waitable } from '../../sim/process.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { Host } from '../compute/host.ts';
import type { VirtualMachine } from '../compute/virtual-machine.ts';
import type { EndingStream, Stream } from '../network/stream.ts';
import type { Observations } from '../observations.ts';
import type { Reference } from '../security/reference.ts';
import { isCounterpart } from '../security/reference.ts';
import type { SecurityEngine } from '../security/security-engine.ts';
import { exceedsList } from './address-list.ts';
import { ContextCarrier, allDrained } from './context-carrier.ts';
import { ContextFetch } from './context-fetch.ts';
import { ContextLedger } from './context-ledger.ts';
import { enginePlan, travelsAt } from './engine-plan.ts';
import type { ContextMoment, EnginePlan, Scheme } from './scheme.ts';

export interface ContextMoveSetup {
  readonly simulation: Simulation;
  readonly observations: Observations;
  readonly name: string;
  readonly vm: VirtualMachine;
  readonly source: Host;
  readonly destination: Host;
  readonly scheme: Scheme;
  /** The stream of the memory, for context that has none of its own. */
  readonly memoryStream: Stream;
  readonly openStream: (weight: number) => EndingStream;
  /** A new stream from destination to source. */
  readonly openReturn: () => EndingStream;
  readonly reference: Reference;
  readonly fail: (reason: string) => void;
}

/** The security context of one VM on its way: for each engine that both hosts have, a carrier. */
export class ContextMove {
  private readonly setup: ContextMoveSetup;
  private readonly pairs: readonly (readonly [SecurityEngine, SecurityEngine])[];
  /** Engines of the source that the destination does not have. */
  private readonly missing: readonly SecurityEngine[];
  private readonly carriers: readonly ContextCarrier[];
  /** Streams that carry context alone. */
  private readonly ownFlows: EndingStream[] = [];
  private readonly ledger: ContextLedger;
  private stopped = false;

  constructor(setup: ContextMoveSetup) {
    this.setup = setup;
    const counterparts = setup.source.engines.map(
      (from) => [from, setup.destination.engines.find((to) => isCounterpart(from, to)) ?? null] as const,
    );
    // An engine that both hosts reach, such as a gateway's, has nothing to move.
    this.pairs = counterparts.flatMap(([from, to]) =>
      to === null || to === from ? [] : [[from, to] as const],
    );
    this.missing = counterparts.flatMap(([from, to]) => (to === null ? [from] : []));
    this.carriers = this.pairs.map(([source, destination]) => this.carrier(source, destination));
    this.ledger = new ContextLedger(setup.observations, setup.name, setup.vm, counterparts);
  }

  /** Why the VM must not go there, or null. */
  get refusal(): string | null {
    const { source, destination, scheme, vm } = this.setup;
    if (exceedsList(scheme.selection, vm.addresses) && scheme.selection.addressLimit.beyond === 'fail')
      return `${vm.name} has more addresses than the scheme’s list takes`;
    const [missing] = this.missing;
    if (missing === undefined || scheme.context.missingEngine === 'pass') return null;
    return `${destination.name} has no engine ${missing.name}, which protects the VM on ${source.name}`;
  }

  /** Puts the destination into the state in which it waits for the VM's rules. */
  reserve(): void {
    const { vm, scheme } = this.setup;
    const { untilInstalled } = scheme.context;
    for (const [from, to] of this.pairs) {
      to.setPolicy(vm, untilInstalled === 'rules' ? from.policy(vm) : { kind: untilInstalled });
    }
    for (const carrier of this.carriers) carrier.prepare();
    // An engine that only the destination has gets the VM's own rules: those that the source has, or whoever wrote them.
    const policy = this.setup.source.engines[0]?.policy(vm) ?? this.setup.reference.policy;
    for (const to of this.setup.destination.engines) {
      if (this.pairs.every(([, known]) => known !== to)) to.setPolicy(vm, policy);
    }
  }

  /** Moves what the scheme moves at this moment. */
  request(moment: ContextMoment, round: number): void {
    if (this.stopped) return;
    for (const carrier of this.carriers) carrier.request(moment, round);
  }

  /** Waits for the context as long as the scheme says; returns why the migration fails, or null. */
  *passGate(): Generator<Waitable, string | null, unknown> {
    const { simulation, scheme } = this.setup;
    const { gate } = scheme.context;
    if (!gate.waits) return null;
    const gated = this.carriers.filter((carrier) => carrier.gated);
    const drained = yield* untilOrTimeout(simulation.spawn(allDrained(gated)).done, gate.timeoutNs);
    return drained || gate.then === 'resume' ? null : 'the security context did not arrive in time';
  }

  /** Whether no transfer is under way or waiting. */
  get complete(): boolean {
    return this.carriers.every((carrier) => !carrier.busy);
  }

  /** Calls back once no transfer is under way or waiting. */
  drained(then: () => void): void {
    this.setup.simulation.spawn(allDrained(this.carriers)).done.listen(then);
  }

  freeze(): void {
    this.ledger.freeze(this.setup.simulation.nowNs);
  }

  resume(): void {
    this.ledger.resume(this.setup.simulation.nowNs, false);
  }

  /** The VM goes on at the source: says what became of its context meanwhile, which is nothing unless the source forgot it. */
  stay(): void {
    const { nowNs } = this.setup.simulation;
    this.ledger.resume(nowNs, true);
    this.ledger.close(nowNs);
  }

  /** Entries whose other end stays behind change hands with the VM, if the scheme says so. */
  commit(): void {
    const { simulation, vm, scheme } = this.setup;
    if (scheme.context.store === 'remote') this.handOver();
    if (scheme.selection.sharedEntry === 'copy') return;
    for (const [source] of this.pairs) source.forget(vm, scheme.selection.by, 'shared', simulation.nowNs);
    this.setup.reference.touched(null);
  }

  /** What the destination fetches for single packets, where the scheme says so; null otherwise. */
  fetch(): ContextFetch | null {
    const { scheme, openStream, destination, source } = this.setup;
    if (!travelsAt(scheme.context, 'on-demand')) return null;
    const pairs = this.pairs.filter(([engine]) => this.planOf(engine).entries.includes('on-demand'));
    const changed = (): void => this.setup.reference.touched(null);
    const migration = this.setup.name;
    return new ContextFetch({
      migration,
      ...this.setup,
      pairs,
      openStream: () => openStream(scheme.transport.weight),
      exporter: source,
      importer: destination,
      changed,
    });
  }

  /** From one moment to the next the destination finds in the store what the source found there. */
  private handOver(): void {
    const { simulation, vm } = this.setup;
    const { nowNs } = simulation;
    for (const [source, destination] of this.pairs) {
      const batch = { complete: true, entries: source.peek(vm, nowNs), removed: [] };
      const how = {
        mode: 'full',
        existing: 'replace',
        key: 'interface',
        timeouts: 'absolute',
        mustOpen: false,
      } as const;
      destination.load(vm, { batch, ...how, evict: true }, nowNs);
      source.forget(vm, 'interface', 'own', nowNs);
    }
    this.setup.reference.touched(null);
  }

  /** What travels of an engine, which is nothing of a VM whose addresses no list holds. */
  private planOf(engine: SecurityEngine): EnginePlan {
    const { scheme, vm } = this.setup;
    const plan = enginePlan(scheme.context, { name: engine.name, kind: engine.traits.kind });
    const none =
      scheme.selection.addressLimit.beyond === 'move-nothing' && exceedsList(scheme.selection, vm.addresses);
    return none ? { ...plan, entries: [] } : plan;
  }

  /** The source forgets the VM. */
  cleanUp(): void {
    const { simulation, vm, scheme } = this.setup;
    for (const source of [...this.pairs.map(([engine]) => engine), ...this.missing]) {
      source.forget(vm, scheme.cleanup.by, scheme.cleanup.flushShared ? 'all' : 'own', simulation.nowNs);
    }
    this.setup.reference.touched(null);
  }

  /** Nothing more happens to the context: says what became of it. */
  close(): void {
    this.ledger.close(this.setup.simulation.nowNs);
  }

  /** Stops what is under way; the destination keeps what it has. */
  stop(): void {
    this.stopped = true;
    for (const carrier of this.carriers) carrier.stop();
  }

  /** Stops what is under way and takes back what the destination has. */
  undo(): void {
    const { simulation, vm, scheme } = this.setup;
    this.stop();
    for (const stream of this.ownFlows) stream.close();
    for (const [, destination] of this.pairs) {
      destination.forget(vm, scheme.selection.by, 'own', simulation.nowNs);
      destination.setPolicy(vm, { kind: 'drop-all' });
    }
  }

  private ownFlow(stream: EndingStream): Stream {
    this.ownFlows.push(stream);
    return stream;
  }

  private carrier(source: SecurityEngine, destination: SecurityEngine): ContextCarrier {
    const { simulation, observations, name, vm, scheme, openStream, memoryStream } = this.setup;
    const { channel, weight } = scheme.transport;
    return new ContextCarrier({
      simulation,
      observations,
      migration: name,
      vm,
      source,
      destination,
      stream: channel === 'own-flow' ? this.ownFlow(openStream(weight)) : memoryStream,
      openReturn: () => this.ownFlow(this.setup.openReturn()),
      plan: { ...scheme.context, ...this.planOf(source) },
      selection: scheme.selection,
      reconcile: scheme.reconcile,
      transport: scheme.transport,
      exporter: this.setup.source,
      importer: this.setup.destination,
      changed: () => this.setup.reference.touched(null),
      fail: this.setup.fail,
    });
  }
}
