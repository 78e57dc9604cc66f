import { assert } from '../../sim/assert.ts';
import { until, type Process, type RunningProcess, type Waitable } from '../../sim/process.ts';
import { Signal } from '../../sim/signal.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { HostCpu } from '../compute/host-cpu.ts';
import type { Stream } from '../network/stream.ts';
import type { Observations } from '../observations.ts';
import type { ContextBatch, LoadResult, SecurityEngine, Subject } from '../security/security-engine.ts';
import { hasOtherEnd } from '../security/shared-entry.ts';
import { foundByList } from './address-list.ts';
import { loadRequest, versionOf } from './context-load.ts';
import { answersTo, bytesNs, itemCosts, itemsBytes, wireBytes, type ItemCosts } from './context-costs.ts';
import type {
  ContextMoment,
  ContextPlan,
  EnginePlan,
  ReconcilePlan,
  SelectionPlan,
  TransportPlan,
} from './scheme.ts';

/** What the carrier of one engine's context stands between. */
export interface ContextRoute {
  readonly simulation: Simulation;
  readonly observations: Observations;
  readonly migration: string;
  readonly vm: Subject;
  readonly source: SecurityEngine;
  readonly destination: SecurityEngine;
  readonly stream: Stream;
  /** A new stream from destination to source, for what comes back. */
  readonly openReturn: () => Stream;
  readonly plan: EnginePlan & Pick<ContextPlan, 'whileBusy' | 'batchEntries'>;
  readonly selection: SelectionPlan;
  readonly reconcile: ReconcilePlan;
  readonly transport: TransportPlan;
  /** The hosts, whose scales multiply the CPU times of export and import. */
  readonly exporter: Worker;
  readonly importer: Worker;
  /** Called when the destination has more of the context, or other rules. */
  readonly changed: () => void;
  /** Ends the migration, if it has not committed, for a reason that lies in the context. */
  readonly fail: (reason: string) => void;
}

/** A host whose CPUs work on the context. */
export interface Worker {
  readonly costScale: number;
  readonly cpu: HostCpu;
}

interface Task {
  readonly part: 'rules' | 'entries';
  readonly moment: ContextMoment;
  readonly round: number;
}

/** When a task began, was read, and had arrived. */
interface TaskTimes {
  readonly startNs: number;
  readonly exportedNs: number;
  readonly arrivedNs: number;
}

/** How a task went over the wire and what the destination made of it. */
interface Shipment {
  readonly items: number;
  readonly removals: number;
  readonly bytes: number;
  readonly refused: number;
}

/**
 * Carries one engine's context of one VM from source to destination, task by task: read at the source, send,
 * write at the destination. The first transfer of entries is a snapshot, each later one the difference to what
 * was read before. Tasks are worked off in the order in which they are asked for.
 */
export class ContextCarrier {
  private readonly route: ContextRoute;
  private readonly tasks: Task[] = [];
  private drain = new Signal<void>();
  /** When the entries were last read, -1 before the first time; and the version of the rules then. */
  private readNs = -1;
  private readVersion = 0;
  /** The context was larger than the plan's cap: no entry travels any more. */
  private beyondCap = false;
  private work: RunningProcess | null = null;
  private handshake: RunningProcess | null = null;
  /** From the destination to the source; null until something comes back. */
  private back: Stream | null = null;

  constructor(route: ContextRoute) {
    this.route = route;
    this.drain.fire();
  }

  /** Whether the destination's gate waits for this engine's context. */
  get gated(): boolean {
    return this.route.plan.gated;
  }

  /** Opens the way to the destination: what is asked for meanwhile waits. */
  prepare(): void {
    const { plan, transport, simulation } = this.route;
    const travels = plan.rules.length > 0 || plan.entries.length > 0;
    if (!travels || transport.encryption.protocol === 'none' || transport.channel !== 'own-flow') return;
    this.handshake = simulation.spawn(this.shakeHands());
  }

  get busy(): boolean {
    return !this.drain.fired;
  }

  /** Fires when no task is left; already fired when there is none. */
  get drained(): Signal<void> {
    return this.drain;
  }

  /** Asks for what the plan moves at this moment; does nothing when it moves nothing then. */
  request(moment: ContextMoment, round: number): void {
    const { plan } = this.route;
    const leftOut = moment === 'each-round' && plan.whileBusy === 'skip' && this.busy;
    // One reading that still waits its turn will find what a second one behind it would.
    const waits = moment === 'continuously' && this.tasks.some((task) => task.moment === moment);
    if (leftOut || waits) return;
    if (plan.rules.includes(moment)) this.add({ part: 'rules', moment, round });
    if (plan.entries.includes(moment)) this.add({ part: 'entries', moment, round });
  }

  /** Ends what is under way and forgets what was asked for. */
  stop(): void {
    this.tasks.length = 0;
    this.handshake?.interrupt(new Error('the migration failed'));
    this.work?.interrupt(new Error('the migration failed'));
    if (this.busy) this.drain.fire();
  }

  private add(task: Task): void {
    this.tasks.push(task);
    if (this.busy) return;
    this.drain = new Signal<void>();
    this.work = this.route.simulation.spawn(this.carry());
  }

  private *shakeHands(): Process {
    const { stream, exporter, importer, transport } = this.route;
    const { handshakeNs } = transport.encryption;
    yield stream.send(0, Infinity);
    yield* importer.cpu.work('context', Math.ceil(handshakeNs * importer.costScale));
    yield this.backwards().send(0, Infinity);
    yield* exporter.cpu.work('context', Math.ceil(handshakeNs * exporter.costScale));
  }

  private backwards(): Stream {
    this.back ??= this.route.openReturn();
    return this.back;
  }

  private *carry(): Process {
    if (this.handshake !== null) yield* until(this.handshake.done);
    for (let task = this.tasks.shift(); task !== undefined; task = this.tasks.shift()) {
      if (task.part === 'rules') yield* this.carryRules(task);
      else yield* this.carryEntries(task);
    }
    this.drain.fire();
  }

  private *carryRules(task: Task): Process {
    const { source, destination, vm, transport, reconcile, importer, simulation } = this.route;
    const startNs = simulation.nowNs;
    const policy = source.policy(vm);
    const rules = source.staticItems(vm);
    const textBytes = rules * transport.bytesPerRule;
    if (bytesNs(textBytes, transport) > 0) yield* this.export(0, textBytes);
    const exportedNs = simulation.nowNs;
    const bytes = yield* this.send(textBytes);
    const arrivedNs = simulation.nowNs;
    const installNs = transport.installNsFixed + rules * transport.installNsPerRule;
    const importNs = (installNs + bytesNs(textBytes, transport)) * importer.costScale;
    yield* importer.cpu.work('context', Math.ceil(importNs));
    const newer = policy.kind === 'rules' && versionOf(destination.policy(vm)) > policy.version;
    if (!newer || !reconcile.checkPolicy) destination.setPolicy(vm, policy);
    this.route.changed();
    yield* this.answer(rules);
    const times = { startNs, exportedNs, arrivedNs };
    this.publish(task, times, { items: rules, removals: 0, bytes, refused: 0 });
  }

  private *carryEntries(task: Task): Process {
    const { plan, simulation } = this.route;
    const startNs = simulation.nowNs;
    const batch = this.read();
    if (readsLast(task.moment, plan.entries)) this.route.source.endReading(this.route.vm);
    const { exportNsFixed, readNsPerEntry } = this.costs;
    const readNs = exportNsFixed + this.walked(batch) * readNsPerEntry;
    if (this.isBeyondCap(batch)) {
      yield* this.export(readNs + this.exportNs(batch), 0);
      const times = { startNs, exportedNs: simulation.nowNs, arrivedNs: simulation.nowNs };
      this.publish(task, times, { items: 0, removals: 0, bytes: 0, refused: 0 });
      return;
    }
    const pieces = task.moment === 'continuously' ? inPieces(batch, plan.batchEntries) : [batch];
    let fixedNs = readNs;
    for (const piece of pieces) {
      yield* this.ship(task, piece, fixedNs);
      fixedNs = 0;
    }
  }

  /** Sends and loads entries that were read together. */
  private *ship(task: Task, batch: ContextBatch, fixedNs: number): Process {
    const { simulation, transport, importer } = this.route;
    const startNs = simulation.nowNs;
    const items = batch.entries.length;
    const removals = batch.removed.length;
    const contextBytes = itemsBytes([...batch.entries, ...batch.removed], transport);
    yield* this.export(fixedNs + this.exportNs(batch), contextBytes);
    const exportedNs = simulation.nowNs;
    const bytes = yield* this.send(contextBytes);
    const arrivedNs = simulation.nowNs;
    const { importNsFixed, importNsPerEntry } = this.costs;
    const importNs = importNsFixed + (items + removals) * importNsPerEntry + bytesNs(contextBytes, transport);
    yield* importer.cpu.work('context', Math.ceil(importNs * importer.costScale));
    const { refused, existing } = this.write(batch, simulation.nowNs);
    yield* this.answer(items + removals);
    const times = { startNs, exportedNs, arrivedNs };
    this.publish(task, times, { items, removals, bytes, refused: refused + existing });
  }

  private exportNs({ entries, removed }: ContextBatch): number {
    return (entries.length + removed.length) * this.costs.exportNsPerEntry;
  }

  private *export(readNs: number, bytes: number): Process {
    const { exporter, transport } = this.route;
    const exportNs = readNs + bytesNs(bytes, transport);
    yield* exporter.cpu.work('context', Math.ceil(exportNs * exporter.costScale));
  }

  /** Sends so many bytes of context; returns how many that makes on the wire. */
  private *send(bytes: number): Generator<Waitable, number, unknown> {
    const { stream, transport } = this.route;
    const sentBytes = wireBytes(bytes, transport);
    yield stream.send(sentBytes, Infinity);
    return sentBytes;
  }

  /** Waits until the destination has said that it has loaded so many items, if it says so. */
  private *answer(items: number): Process {
    const { transport, exporter, importer } = this.route;
    const answers = answersTo(items, transport);
    if (answers === 0) return;
    const { bytes, ns } = transport.acknowledgement;
    yield* importer.cpu.work('context', Math.ceil(answers * ns * importer.costScale));
    yield this.backwards().send(wireBytes(answers * bytes, transport), Infinity);
    yield* exporter.cpu.work('context', Math.ceil(answers * ns * exporter.costScale));
  }

  private get costs(): ItemCosts {
    return itemCosts(this.route.source, this.route.transport);
  }

  private read(): ContextBatch {
    const { source, vm, simulation, selection } = this.route;
    const nowNs = simulation.nowNs;
    const all =
      this.readNs < 0
        ? source.snapshot(vm, selection.by, nowNs)
        : source.changesSince(vm, selection.by, this.readNs, nowNs);
    const batch = foundByList(all, selection, vm);
    this.readNs = nowNs;
    this.readVersion = versionOf(source.policy(vm));
    if (selection.sharedEntry !== 'delete') return batch;
    return { ...batch, entries: batch.entries.filter((entry) => !hasOtherEnd(entry, vm)) };
  }

  private write(batch: ContextBatch, nowNs: number): LoadResult {
    const { destination, vm, plan, selection, reconcile } = this.route;
    const arrival = { batch, fidelity: plan.fidelity, readVersion: this.readVersion };
    const request = loadRequest(arrival, destination.policy(vm), { selection, reconcile });
    const result = destination.load(vm, request, nowNs);
    this.route.changed();
    if (result.full > 0 && reconcile.tableFull === 'fail') this.route.fail('the destination’s table is full');
    return result;
  }

  /** How many entries a reading looked at: all of the VM's, whatever of them changed. */
  private walked(batch: ContextBatch): number {
    const { source, vm, simulation, transport } = this.route;
    if (batch.complete || transport.readNsPerEntry === 0) return batch.entries.length;
    return source.held(vm, simulation.nowNs);
  }

  private isBeyondCap({ entries }: ContextBatch): boolean {
    const { plan, transport, fail } = this.route;
    const { cap } = plan;
    if (entries.length > cap.entries || itemsBytes(entries, transport) > cap.bytes) {
      this.beyondCap = true;
      if (cap.beyond === 'fail') fail('the security context is larger than the scheme allows');
    }
    return this.beyondCap;
  }

  private publish(task: Task, times: TaskTimes, shipment: Shipment): void {
    const { observations, migration, source, simulation } = this.route;
    assert(simulation.nowNs >= times.startNs, 'a context task ends after it started');
    if (!observations.contextTask.observed) return;
    const { part, moment, round } = task;
    const { items, removals, bytes, refused } = shipment;
    observations.contextTask.publish({
      migration,
      engine: source.name,
      part,
      moment,
      round,
      ...times,
      endNs: simulation.nowNs,
      items,
      removals,
      bytes,
      refused,
    });
  }
}

/** Whether a plan reads entries no more after it has read them at this moment. */
function readsLast(moment: ContextMoment, moments: readonly ContextMoment[]): boolean {
  if (moment === 'after-resume') return true;
  return moment === 'stop-phase' && !moments.includes('after-resume') && !moments.includes('continuously');
}

/** Waits until each carrier has no task left. */
export function* allDrained(carriers: readonly ContextCarrier[]): Process {
  for (const carrier of carriers) while (carrier.busy) yield* until(carrier.drained);
}

/** Pieces of at most so many entries, in order; removals go with the first, which alone may be complete. */
function inPieces(batch: ContextBatch, entriesMax: number): ContextBatch[] {
  const pieces: ContextBatch[] = [{ ...batch, entries: batch.entries.slice(0, entriesMax) }];
  for (let at = entriesMax; at < batch.entries.length; at += entriesMax) {
    pieces.push({ complete: false, entries: batch.entries.slice(at, at + entriesMax), removed: [] });
  }
  return pieces;
}
