import { assert } from '../../sim/assert.ts';
import type { Packet } from '../network/packet.ts';
import type { DropCause } from '../observations.ts';
import { isConnection, type ContextItem, type ItemFields, type KeyedItem } from './context-item.ts';
import { KeyedTable, type Slot } from './keyed-table.ts';
import type { ConnectionState, Judgement, Passage } from './nse.ts';
import type {
  ContextBatch,
  EngineKind,
  EngineTraits,
  EntryScope,
  ExportLevel,
  LifetimeRule,
  LoadRequest,
  LoadResult,
  LossCauses,
  Policy,
  SecurityEngine,
  SelectionKey,
  Subject,
} from './security-engine.ts';

/** An engine whose context is items under keys: what it is called and what its work costs in CPU time. */
export interface ItemEngineSettings {
  readonly name: string;
  readonly version: number;
  readonly exports: ExportLevel;
  readonly packetNs: number;
  readonly exportNs: number;
  readonly importNs: number;
  readonly itemBytes: number;
  /** Infinity for no limit. */
  readonly itemsMax: number;
}

/** An item is to hold this from now on; null: it goes. */
export interface ItemChange<Fields extends ItemFields> {
  readonly key: string;
  readonly fields: Fields | null;
  readonly lifetimeNs: number;
}

/** What becomes of a packet, and of the items. */
export interface Decision<Fields extends ItemFields> {
  /** Null: it passes. */
  readonly drop: DropCause | null;
  readonly state: ConnectionState;
  readonly packet: Packet;
  readonly changes: readonly ItemChange<Fields>[];
}

/**
 * What is particular about such an engine. Decisions are pure: what they change comes back in them, so that an
 * engine can be asked without a trace.
 */
export interface ItemBehaviour<Fields extends ItemFields> {
  readonly kind: EngineKind;
  readonly losses: LossCauses;
  decide(
    table: KeyedTable<Fields>,
    vm: Subject,
    packet: Packet,
    passage: Passage,
    nowNs: number,
  ): Decision<Fields>;
  /** Items that are there as soon as the VM boots. */
  initial(vm: Subject, nowNs: number): readonly ItemChange<Fields>[];
  /** Keys of the items that the packet needs. */
  keysFor(packet: Packet, passage: Passage): readonly string[];
  /** Connections that an item serves, see `connectionScopes`. */
  scope(key: string): string;
  /** What is left of an item where an interface gives only part away; null: nothing. */
  partial(fields: Fields): Fields | null;
  grade(fields: Fields): number;
  /** Bytes on the wire beside those of every item. */
  extraBytes(fields: Fields): number;
  /** A name that is unique on the host, whichever VM the item belongs to. */
  secondName(fields: Fields, key: string): string | null;
}

/** One engine of a host that keeps items under keys, for all VMs behind it. */
export class ItemEngine<Fields extends ItemFields> implements SecurityEngine {
  readonly name: string;
  readonly traits: EngineTraits;
  private readonly settings: ItemEngineSettings;
  private readonly behaviour: ItemBehaviour<Fields>;
  private readonly table: KeyedTable<Fields>;
  private readonly policies = new Map<string, Policy>();
  readonly inspectionNs: number;

  constructor(settings: ItemEngineSettings, behaviour: ItemBehaviour<Fields>, costScale: number) {
    const { name, version, exports, exportNs, importNs } = settings;
    this.name = name;
    this.traits = {
      kind: behaviour.kind,
      version,
      exports,
      itemCosts: { exportNs, importNs },
      losses: behaviour.losses,
    };
    this.settings = settings;
    this.behaviour = behaviour;
    this.table = new KeyedTable(settings.itemsMax, (fields, key) => behaviour.secondName(fields, key));
    this.inspectionNs = Math.ceil(settings.packetNs * costScale);
  }

  get entriesHeld(): number {
    return this.table.count;
  }

  begin(vm: Subject, nowNs: number): void {
    this.apply(vm, this.behaviour.initial(vm, nowNs), nowNs);
  }

  inspect(vm: Subject, packet: Packet, passage: Passage, nowNs: number): Judgement {
    return this.judge(vm, packet, passage, nowNs, true);
  }

  ask(vm: Subject, packet: Packet, passage: Passage, nowNs: number): Judgement {
    return this.judge(vm, packet, passage, nowNs, false);
  }

  policy(vm: Subject): Policy {
    return this.policies.get(vm.name) ?? dropAll;
  }

  setPolicy(vm: Subject, policy: Policy): void {
    this.policies.set(vm.name, policy);
  }

  /** The VM's part of the configuration counts as one. */
  staticItems(vm: Subject): number {
    return this.policy(vm).kind === 'rules' ? 1 : 0;
  }

  peek(vm: Subject, nowNs: number): readonly KeyedItem[] {
    return this.table.ofOwner(vm.name, nowNs).map((slot) => this.item(slot, slot.fields, nowNs));
  }

  held(vm: Subject, nowNs: number): number {
    return this.table.ofOwner(vm.name, nowNs).length;
  }

  itemsFor(vm: Subject, packet: Packet, passage: Passage, nowNs: number): readonly KeyedItem[] {
    const slots = this.behaviour
      .keysFor(packet, passage)
      .flatMap((key) => this.table.find(vm.name, key, nowNs) ?? []);
    return slots.flatMap((slot) => this.exported(slot, nowNs));
  }

  snapshot(vm: Subject, _key: SelectionKey, nowNs: number): ContextBatch {
    this.table.remember();
    const slots = this.table.ofOwner(vm.name, nowNs);
    return {
      complete: true,
      entries: slots.flatMap((slot) => this.exported(slot, nowNs)),
      removed: [],
    };
  }

  changesSince(vm: Subject, key: SelectionKey, sinceNs: number, nowNs: number): ContextBatch {
    const removed = this.table.removedSince(vm.name, sinceNs);
    if (removed === null) return this.snapshot(vm, key, nowNs);
    const changed = this.table.ofOwner(vm.name, nowNs).filter((slot) => slot.changedNs >= sinceNs);
    return {
      complete: false,
      entries: changed.flatMap((slot) => this.exported(slot, nowNs)),
      removed: removed.map((slot) => this.item(slot, slot.fields, nowNs)),
    };
  }

  endReading(): void {
    // What was removed is kept for all VMs together, and may still be asked for by who reads another one's items.
  }

  load(vm: Subject, { batch, existing, timeouts, evict }: LoadRequest, nowNs: number): LoadResult {
    if (existing !== 'keep') {
      const gone =
        batch.complete && existing === 'replace'
          ? this.table.ofOwner(vm.name, nowNs).map(({ key }) => key)
          : [];
      const removed = batch.removed.map(({ identity }) => identity);
      for (const key of [...gone, ...removed]) this.table.remove(vm.name, key, nowNs);
    }
    const result = { loaded: 0, existing: 0, refused: 0, full: 0 };
    for (const item of batch.entries) result[this.loadItem(vm, item, existing, timeouts, evict, nowNs)] += 1;
    // What finds no room is refused, too.
    return { ...result, refused: result.refused + result.full };
  }

  /** Items of these engines are of one VM each, whatever the key says. */
  forget(vm: Subject, _key: SelectionKey, scope: EntryScope, nowNs: number): number {
    if (scope === 'shared') return 0;
    const own = this.table.ofOwner(vm.name, nowNs);
    for (const { key } of own) this.table.remove(vm.name, key, nowNs);
    return own.length;
  }

  /** The item under a key, for who needs to know what this engine decided. */
  find(vm: Subject, key: string, nowNs: number): Fields | null {
    return this.table.find(vm.name, key, nowNs)?.fields ?? null;
  }

  /** The VM whose item has this second name. */
  ownerOf(secondName: string, nowNs: number): string | null {
    return this.table.findBySecondName(secondName, nowNs)?.owner ?? null;
  }

  private judge(vm: Subject, packet: Packet, passage: Passage, nowNs: number, learn: boolean): Judgement {
    const { kind } = this.policy(vm);
    if (kind === 'no-engine') return judgementOf(pass(packet, 'untracked'), false);
    if (kind === 'drop-all') return judgementOf({ ...pass(packet, 'new'), drop: 'rule' }, false);
    const decision = this.behaviour.decide(this.table, vm, packet, passage, nowNs);
    const fits = !learn || this.apply(vm, decision.changes, nowNs);
    return fits
      ? judgementOf(decision, decision.state === 'new' && decision.changes.length > 0)
      : judgementOf({ ...decision, drop: 'table-full' }, false);
  }

  /** False when there is no room for a new item. */
  private apply(vm: Subject, changes: readonly ItemChange<Fields>[], nowNs: number): boolean {
    for (const { key, fields, lifetimeNs } of changes) {
      if (fields === null) this.table.remove(vm.name, key, nowNs);
      else {
        if (this.table.isFull) this.table.sweep(nowNs);
        if (this.table.isFull && this.table.find(vm.name, key, nowNs) === null) return false;
        const expiresNs = nowNs + lifetimeNs;
        this.table.write({ owner: vm.name, key, fields, lifetimeNs, expiresNs, changedNs: nowNs });
      }
    }
    return true;
  }

  private loadItem(
    vm: Subject,
    item: ContextItem,
    existing: LoadRequest['existing'],
    timeouts: LifetimeRule,
    evict: boolean,
    nowNs: number,
  ): keyof LoadResult {
    assert(!isConnection(item), 'connection entries are loaded into connection tracking');
    if (item.format !== this.format) return 'refused';
    const present = this.table.find(vm.name, item.identity, nowNs);
    if (present !== null && existing === 'keep') return 'existing';
    if (present === null && this.table.isFull) {
      if (!evict) return 'full';
      this.table.evict(nowNs);
    }
    // The format says whose fields these are.
    const fields = item.fields as Fields;
    const { lifetimeNs, identity: key } = item;
    const expiresNs = expiryOf(item, timeouts, nowNs);
    this.table.write({ owner: vm.name, key, fields, lifetimeNs, expiresNs, changedNs: nowNs });
    return 'loaded';
  }

  private exported(slot: Slot<Fields>, nowNs: number): KeyedItem[] {
    const { exports } = this.settings;
    if (exports === 'none') return [];
    const fields = exports === 'full' ? slot.fields : this.behaviour.partial(slot.fields);
    return fields === null ? [] : [this.item(slot, fields, nowNs)];
  }

  private item({ key, lifetimeNs, expiresNs }: Slot<Fields>, fields: Fields, nowNs: number): KeyedItem {
    const behaviour = this.behaviour;
    return {
      identity: key,
      format: this.format,
      fields,
      grade: behaviour.grade(fields),
      bytes: this.settings.itemBytes + behaviour.extraBytes(fields),
      readNs: nowNs,
      timeoutNs: expiresNs - nowNs,
      lifetimeNs,
      scope: behaviour.scope(key),
    };
  }

  private get format(): string {
    return `${this.behaviour.kind} ${this.settings.version}`;
  }
}

/** The packet passes as it is, and nothing is learnt from it. */
export function pass(packet: Packet, state: ConnectionState): Decision<never> {
  return { drop: null, state, packet, changes: [] };
}

const dropAll: Policy = { kind: 'drop-all' };

function judgementOf({ drop, state, packet }: Decision<ItemFields>, entryCreated: boolean): Judgement {
  return {
    verdict: drop === null ? 'accept' : 'drop',
    cause: drop,
    connectionState: state,
    packet,
    rulesEvaluated: 0,
    entryCreated,
  };
}

function expiryOf({ readNs, timeoutNs, lifetimeNs }: KeyedItem, rule: LifetimeRule, nowNs: number): number {
  switch (rule) {
    case 'remaining':
      return nowNs + timeoutNs;
    case 'absolute':
      return readNs + timeoutNs;
    case 'restart':
      return nowNs + lifetimeNs;
  }
}
