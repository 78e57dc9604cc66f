import type { Process } from '../../sim/process.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { Packet } from '../network/packet.ts';
import type { Stream } from '../network/stream.ts';
import type { Observations } from '../observations.ts';
import { connectionScope, type ContextItem } from '../security/context-item.ts';
import { vmEnds } from '../security/engine-chain.ts';
import type { Passage } from '../security/nse.ts';
import type { SecurityEngine, Subject } from '../security/security-engine.ts';
import type { Worker } from './context-carrier.ts';
import { answersTo, bytesNs, itemCosts, itemsBytes, wireBytes } from './context-costs.ts';
import { loadRequest, versionOf } from './context-load.ts';
import { enginePlan } from './engine-plan.ts';
import type { Scheme } from './scheme.ts';

export interface FetchRoute {
  readonly simulation: Simulation;
  readonly observations: Observations;
  readonly migration: string;
  readonly vm: Subject;
  readonly scheme: Scheme;
  readonly pairs: readonly (readonly [SecurityEngine, SecurityEngine])[];
  /** A stream from source to destination: each fetch has its own, since several may be under way. */
  readonly openStream: () => Stream;
  /** A stream the other way, for answers. */
  readonly openReturn: () => Stream;
  readonly exporter: Worker;
  readonly importer: Worker;
  readonly changed: () => void;
}

/** Items that a packet needs, and the engines between which they go. */
interface Wanted {
  readonly source: SecurityEngine;
  readonly destination: SecurityEngine;
  readonly items: readonly ContextItem[];
}

/**
 * Fetches, after the resume, the items of single connections from the source's engines when their first packet
 * comes (after the on-demand copy of Yang et al., SIGCOMM 2023, appendix B). The packet waits for them, and so do
 * those of the connection behind it. Each connection is fetched once.
 */
export class ContextFetch {
  private readonly route: FetchRoute;
  /** Who waits for a connection; null once it was fetched. */
  private readonly waiting = new Map<string, (() => void)[] | null>();

  constructor(route: FetchRoute) {
    this.route = route;
  }

  /** Whether the packet has to wait; then `proceed` is called as soon as it need not any more. */
  delays(packet: Packet, passage: Passage, proceed: () => void): boolean {
    const key = connectionScope(packet.protocol, vmEnds(packet, passage));
    const waiting = this.waiting.get(key);
    if (waiting === null) return false;
    if (waiting !== undefined) {
      waiting.push(proceed);
      return true;
    }
    const wanted = this.wanted(packet, passage);
    if (wanted.length === 0) return false;
    this.waiting.set(key, [proceed]);
    this.route.simulation.spawn(this.fetch(key, wanted));
    return true;
  }

  /** What the source knows of the packet and the destination does not. */
  wanted(packet: Packet, passage: Passage): Wanted[] {
    const { pairs, vm, simulation } = this.route;
    const { nowNs } = simulation;
    return pairs.flatMap(([source, destination]) => {
      const { connectionState } = destination.ask(vm, packet, passage, nowNs);
      if (connectionState === 'established' || connectionState === 'related') return [];
      const items = source.itemsFor(vm, packet, passage, nowNs);
      return items.length === 0 ? [] : [{ source, destination, items }];
    });
  }

  private *fetch(key: string, wanted: readonly Wanted[]): Process {
    const { openStream, changed } = this.route;
    const stream = openStream();
    // The question is a small message: it takes as long as an empty transfer the other way.
    yield stream.send(0, Infinity);
    for (const one of wanted) yield* this.ship(one, stream);
    changed();
    const waiting = this.waiting.get(key) ?? [];
    this.waiting.set(key, null);
    for (const proceed of waiting) proceed();
  }

  private *ship({ source, destination, items }: Wanted, stream: Stream): Process {
    const { simulation, scheme, vm, exporter, importer, observations, migration } = this.route;
    const { transport } = scheme;
    const startNs = simulation.nowNs;
    const version = versionOf(source.policy(vm));
    const { exportNsPerEntry, importNsPerEntry } = itemCosts(source, transport);
    const contextBytes = itemsBytes(items, transport);
    const bytes = wireBytes(contextBytes, transport);
    const exportNs = items.length * exportNsPerEntry + bytesNs(contextBytes, transport);
    yield* exporter.cpu.work('context', Math.ceil(exportNs * exporter.costScale));
    const exportedNs = simulation.nowNs;
    yield stream.send(bytes, Infinity);
    const arrivedNs = simulation.nowNs;
    const importNs = items.length * importNsPerEntry + bytesNs(contextBytes, transport);
    yield* importer.cpu.work('context', Math.ceil(importNs * importer.costScale));
    const loaded = this.load({ source, destination, items }, version);
    observations.contextTask.publish({
      migration,
      engine: source.name,
      part: 'entries',
      moment: 'on-demand',
      round: 0,
      startNs,
      exportedNs,
      arrivedNs,
      endNs: simulation.nowNs,
      items: items.length,
      removals: 0,
      bytes,
      refused: items.length - loaded,
    });
    this.answer(items.length);
  }

  private load({ source, destination, items }: Wanted, readVersion: number): number {
    const { scheme, vm, simulation } = this.route;
    const batch = { complete: false, entries: items, removed: [] };
    const { fidelity } = enginePlan(scheme.context, { name: source.name, kind: source.traits.kind });
    const request = loadRequest({ batch, fidelity, readVersion }, destination.policy(vm), scheme);
    return destination.load(vm, request, simulation.nowNs).loaded;
  }

  /** Nobody waits for the answer to items that are there: the packet goes on. */
  private answer(items: number): void {
    const { scheme, openReturn } = this.route;
    const answers = answersTo(items, scheme.transport);
    if (answers === 0) return;
    openReturn().send(
      wireBytes(answers * scheme.transport.acknowledgement.bytes, scheme.transport),
      Infinity,
    );
  }
}
