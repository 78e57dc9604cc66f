import { assert } from '../../sim/assert.ts';
import { until, type Process, type RunningProcess } from '../../sim/process.ts';
import { Signal } from '../../sim/signal.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { HostCpu } from '../compute/host-cpu.ts';
import type { Stream } from '../network/stream.ts';
import type { Observations } from '../observations.ts';
import type { ContextBatch, LoadResult, SecurityEngine, Subject } from '../security/security-engine.ts';
import { isConnection, type ContextItem } from '../security/context-item.ts';
import { hasOtherEnd } from '../security/shared-entry.ts';
import type { ContextMoment, ContextPlan, ReconcilePlan, SelectionPlan, TransportPlan } from './scheme.ts';

/** What the carrier of one engine's context stands between. */
export interface ContextRoute {
  readonly simulation: Simulation;
  readonly observations: Observations;
  readonly migration: string;
  readonly vm: Subject;
  readonly source: SecurityEngine;
  readonly destination: SecurityEngine;
  readonly stream: Stream;
  readonly plan: ContextPlan;
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
  readonly #route: ContextRoute;
  readonly #tasks: Task[] = [];
  #drained = new Signal<void>();
  /** When the entries were last read; -1 before the first time. */
  #readNs = -1;
  /** The context was larger than the plan's cap: no entry travels any more. */
  #beyondCap = false;
  #work: RunningProcess | null = null;

  constructor(route: ContextRoute) {
    this.#route = route;
    this.#drained.fire();
  }

  get busy(): boolean {
    return !this.#drained.fired;
  }

  /** Fires when no task is left; already fired when there is none. */
  get drained(): Signal<void> {
    return this.#drained;
  }

  /** Asks for what the plan moves at this moment; does nothing when it moves nothing then. */
  request(moment: ContextMoment, round: number): void {
    const { plan } = this.#route;
    const leftOut = moment === 'each-round' && plan.whileBusy === 'skip' && this.busy;
    // One reading that still waits its turn will find what a second one behind it would.
    const waits = moment === 'continuously' && this.#tasks.some((task) => task.moment === moment);
    if (leftOut || waits) return;
    if (plan.rules.includes(moment)) this.#add({ part: 'rules', moment, round });
    if (plan.entries.includes(moment)) this.#add({ part: 'entries', moment, round });
  }

  /** Ends what is under way and forgets what was asked for. */
  stop(): void {
    this.#tasks.length = 0;
    this.#work?.interrupt(new Error('the migration failed'));
    if (this.busy) this.#drained.fire();
  }

  #add(task: Task): void {
    this.#tasks.push(task);
    if (this.busy) return;
    this.#drained = new Signal<void>();
    this.#work = this.#route.simulation.spawn(this.#carry());
  }

  *#carry(): Process {
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) {
      if (task.part === 'rules') yield* this.#carryRules(task);
      else yield* this.#carryEntries(task);
    }
    this.#drained.fire();
  }

  *#carryRules(task: Task): Process {
    const { source, destination, vm, stream, transport, reconcile, importer } = this.#route;
    const startNs = this.#route.simulation.nowNs;
    const policy = source.policy(vm);
    const rules = source.staticItems(vm);
    const bytes = rules * transport.bytesPerRule;
    yield stream.send(bytes, Infinity);
    const arrivedNs = this.#route.simulation.nowNs;
    const installNs = (transport.installNsFixed + rules * transport.installNsPerRule) * importer.costScale;
    yield* importer.cpu.work('context', Math.ceil(installNs));
    const present = destination.policy(vm);
    const newer = present.kind === 'rules' && policy.kind === 'rules' && present.version > policy.version;
    if (!newer || !reconcile.checkPolicy) destination.setPolicy(vm, policy);
    this.#route.changed();
    const times = { startNs, exportedNs: startNs, arrivedNs };
    this.#publish(task, times, { items: rules, removals: 0, bytes, refused: 0 });
  }

  *#carryEntries(task: Task): Process {
    const { plan, simulation } = this.#route;
    const startNs = simulation.nowNs;
    const batch = this.#read();
    if (readsLast(task.moment, plan.entries)) this.#route.source.endReading(this.#route.vm);
    const { exportNsFixed, readNsPerEntry } = this.#costs;
    const readNs = exportNsFixed + this.#walked(batch) * readNsPerEntry;
    if (this.#isBeyondCap(batch)) {
      yield* this.#export(readNs, batch);
      const times = { startNs, exportedNs: simulation.nowNs, arrivedNs: simulation.nowNs };
      this.#publish(task, times, { items: 0, removals: 0, bytes: 0, refused: 0 });
      return;
    }
    const pieces = task.moment === 'continuously' ? inPieces(batch, plan.batchEntries) : [batch];
    let fixedNs = readNs;
    for (const piece of pieces) {
      yield* this.#ship(task, piece, fixedNs);
      fixedNs = 0;
    }
  }

  /** Sends and loads entries that were read together. */
  *#ship(task: Task, batch: ContextBatch, exportNsFixed: number): Process {
    const { simulation, transport, stream, importer } = this.#route;
    const startNs = simulation.nowNs;
    const items = batch.entries.length;
    const removals = batch.removed.length;
    const bytes = itemsBytes([...batch.entries, ...batch.removed], transport);
    yield* this.#export(exportNsFixed, batch);
    const exportedNs = simulation.nowNs;
    yield stream.send(bytes, Infinity);
    const arrivedNs = simulation.nowNs;
    const { importNsFixed, importNsPerEntry } = this.#costs;
    const importNs = importNsFixed + (items + removals) * importNsPerEntry;
    yield* importer.cpu.work('context', Math.ceil(importNs * importer.costScale));
    const { refused, existing } = this.#write(batch, simulation.nowNs);
    const times = { startNs, exportedNs, arrivedNs };
    this.#publish(task, times, { items, removals, bytes, refused: refused + existing });
  }

  *#export(fixedNs: number, { entries, removed }: ContextBatch): Process {
    const { exporter } = this.#route;
    const exportNs = fixedNs + (entries.length + removed.length) * this.#costs.exportNsPerEntry;
    yield* exporter.cpu.work('context', Math.ceil(exportNs * exporter.costScale));
  }

  get #costs(): ItemCosts {
    return itemCosts(this.#route.source, this.#route.transport);
  }

  #read(): ContextBatch {
    const { source, vm, simulation, selection } = this.#route;
    const nowNs = simulation.nowNs;
    const batch =
      this.#readNs < 0
        ? source.snapshot(vm, selection.by, nowNs)
        : source.changesSince(vm, selection.by, this.#readNs, nowNs);
    this.#readNs = nowNs;
    if (selection.sharedEntry !== 'delete') return batch;
    return { ...batch, entries: batch.entries.filter((entry) => !hasOtherEnd(entry, vm)) };
  }

  #write(batch: ContextBatch, nowNs: number): LoadResult {
    const { destination, vm, plan, selection, reconcile } = this.#route;
    const { existing, timeouts, tableFull } = reconcile;
    const evict = tableFull === 'evict';
    const request = { batch, mode: plan.fidelity, existing, key: selection.by, timeouts, evict };
    const result = destination.load(vm, request, nowNs);
    this.#route.changed();
    if (result.full > 0 && tableFull === 'fail') this.#route.fail('the destination’s table is full');
    return result;
  }

  /** How many entries a reading looked at: all of the VM's, whatever of them changed. */
  #walked(batch: ContextBatch): number {
    const { source, vm, simulation, transport } = this.#route;
    if (batch.complete || transport.readNsPerEntry === 0) return batch.entries.length;
    return source.held(vm, simulation.nowNs);
  }

  #isBeyondCap({ entries }: ContextBatch): boolean {
    const { plan, transport, fail } = this.#route;
    const { cap } = plan;
    if (entries.length > cap.entries || itemsBytes(entries, transport) > cap.bytes) {
      this.#beyondCap = true;
      if (cap.beyond === 'fail') fail('the security context is larger than the scheme allows');
    }
    return this.#beyondCap;
  }

  #publish(task: Task, times: TaskTimes, shipment: Shipment): void {
    const { observations, migration, source, simulation } = this.#route;
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

type ItemCosts = Pick<
  TransportPlan,
  'exportNsFixed' | 'readNsPerEntry' | 'exportNsPerEntry' | 'importNsFixed' | 'importNsPerEntry'
>;

/** What an engine's items cost in CPU time: as the engine says, without walking a table, or as the scheme does. */
export function itemCosts({ traits }: SecurityEngine, transport: TransportPlan): ItemCosts {
  if (traits.itemCosts === null) return transport;
  const { exportNs, importNs } = traits.itemCosts;
  const nothing = { exportNsFixed: 0, readNsPerEntry: 0, importNsFixed: 0 };
  return { ...nothing, exportNsPerEntry: exportNs, importNsPerEntry: importNs };
}

/** Bytes of items on the wire. */
export function itemsBytes(items: readonly ContextItem[], transport: TransportPlan): number {
  return items.reduce((sum, item) => sum + (isConnection(item) ? transport.bytesPerEntry : item.bytes), 0);
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
