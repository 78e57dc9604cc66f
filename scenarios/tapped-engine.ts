import type { Packet } from '../models/network/packet.ts';
import type { ContextItem } from '../models/security/context-item.ts';
import type { Judgement, Passage } from '../models/security/nse.ts';
import type {
  ContextBatch,
  EngineTraits,
  EntryScope,
  LoadRequest,
  LoadResult,
  Policy,
  SecurityEngine,
  SelectionKey,
  Subject,
} from '../models/security/security-engine.ts';

/** Told of every packet that an engine judges, with its judgement, which is overwritten at the next. */
export type JudgementWatcher = (
  vm: Subject,
  packet: Packet,
  passage: Passage,
  nowNs: number,
  judgement: Judgement,
) => void;

/** An engine as it is, and somebody who hears its verdicts. */
export class TappedEngine implements SecurityEngine {
  readonly name: string;
  private readonly engine: SecurityEngine;
  private readonly heard: JudgementWatcher;

  constructor(engine: SecurityEngine, heard: JudgementWatcher) {
    this.name = engine.name;
    this.engine = engine;
    this.heard = heard;
  }

  get inspectionNs(): number {
    return this.engine.inspectionNs;
  }

  get entriesHeld(): number {
    return this.engine.entriesHeld;
  }

  get traits(): EngineTraits {
    return this.engine.traits;
  }

  begin(vm: Subject, nowNs: number): void {
    this.engine.begin(vm, nowNs);
  }

  inspect(vm: Subject, packet: Packet, passage: Passage, nowNs: number): Judgement {
    const judgement = this.engine.inspect(vm, packet, passage, nowNs);
    this.heard(vm, packet, passage, nowNs, judgement);
    return judgement;
  }

  ask(vm: Subject, packet: Packet, passage: Passage, nowNs: number): Judgement {
    return this.engine.ask(vm, packet, passage, nowNs);
  }

  policy(vm: Subject): Policy {
    return this.engine.policy(vm);
  }

  setPolicy(vm: Subject, policy: Policy): void {
    this.engine.setPolicy(vm, policy);
  }

  staticItems(vm: Subject): number {
    return this.engine.staticItems(vm);
  }

  peek(vm: Subject, nowNs: number): readonly ContextItem[] {
    return this.engine.peek(vm, nowNs);
  }

  held(vm: Subject, nowNs: number): number {
    return this.engine.held(vm, nowNs);
  }

  itemsFor(vm: Subject, packet: Packet, passage: Passage, nowNs: number): readonly ContextItem[] {
    return this.engine.itemsFor(vm, packet, passage, nowNs);
  }

  snapshot(vm: Subject, key: SelectionKey, nowNs: number): ContextBatch {
    return this.engine.snapshot(vm, key, nowNs);
  }

  changesSince(vm: Subject, key: SelectionKey, sinceNs: number, nowNs: number): ContextBatch {
    return this.engine.changesSince(vm, key, sinceNs, nowNs);
  }

  endReading(vm: Subject): void {
    this.engine.endReading(vm);
  }

  load(vm: Subject, request: LoadRequest, nowNs: number): LoadResult {
    return this.engine.load(vm, request, nowNs);
  }

  forget(vm: Subject, key: SelectionKey, scope: EntryScope, nowNs: number): number {
    return this.engine.forget(vm, key, scope, nowNs);
  }
}
