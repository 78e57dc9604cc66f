import type { Address } from '../network/address.ts';
import type { Packet } from '../network/packet.ts';
import type { Divergence } from '../observations.ts';
import type { ContextItem } from './context-item.ts';
import type { Judgement, Passage } from './nse.ts';
import type { Ruleset } from './ruleset.ts';

/** The VM that an engine is asked about. */
export interface Subject {
  readonly name: string;
  /** From 1, the same on every host: names its interface, its zone and its mark. */
  readonly number: number;
  readonly addresses: readonly Address[];
}

/** The rules that an engine applies to one VM's packets. */
export type Policy =
  /** The engine does not see the VM at all: everything passes, nothing is tracked. */
  | { readonly kind: 'no-engine' }
  | { readonly kind: 'drop-all' }
  | { readonly kind: 'rules'; readonly ruleset: Ruleset; readonly version: number };

/**
 * What of an entry survives when it is loaded. `full`: everything, what no Linux interface offers. The others
 * are ways of copying that exist, see load-mode.ts.
 */
export type LoadMode =
  'full' | 'save' | 'savefix' | 'naive' | 'noflags' | 'flags' | 'liberal' | 'natattr' | 'nat' | 'liberalnat';

/** How the entries of a VM are told from those of others where a table is shared. */
export type SelectionKey = 'interface' | 'zone' | 'mark' | 'address';

/** Items of one VM, and those that were removed since the batch before. */
export interface ContextBatch {
  /** Holds all of the VM's items, not a difference to an earlier batch. */
  readonly complete: boolean;
  readonly entries: readonly ContextItem[];
  readonly removed: readonly ContextItem[];
}

export type EngineKind =
  | 'stateful-firewall'
  | 'source-guard'
  | 'nat'
  | 'intrusion-prevention'
  | 'rate-limiter'
  | 'syn-proxy'
  | 'ipsec'
  /** An engine of the user's own. */
  | 'custom';

/** What an engine's interface gives away of dynamic context: all, what the engine's kind says, or nothing. */
export type ExportLevel = 'full' | 'partial' | 'none';

/** Why such an engine and the never-moved one disagree, where neither's rules are the reason. */
export interface LossCauses {
  readonly accepted: Divergence['cause'];
  readonly dropped: Divergence['cause'];
}

/** What an engine is, whatever it holds. */
export interface EngineTraits {
  readonly kind: EngineKind;
  /** An engine takes in only items of its own version. */
  readonly version: number;
  readonly exports: ExportLevel;
  /** CPU time for reading and writing an item; null where it is the scheme's transport that knows it. */
  readonly itemCosts: { readonly exportNs: number; readonly importNs: number } | null;
  /** Null where the causes follow from what connection tracking says of the packet. */
  readonly losses: LossCauses | null;
}

/** How a batch is written. */
export interface LoadRequest {
  readonly batch: ContextBatch;
  readonly mode: LoadMode;
  /** See {@link ExistingRule}. */
  readonly existing: ExistingRule;
  readonly key: SelectionKey;
  /** What is left of an entry's lifetime: as it was read, less the time since then, or all of it anew. */
  readonly timeouts: LifetimeRule;
  /** Whether entries give way, those that would expire first, when the table is full. */
  readonly evict: boolean;
  /** Only entries whose connection the rules that are here now would let open; of engines with such rules. */
  readonly mustOpen: boolean;
}

/**
 * What becomes of what is there already. `keep`: it stays, and a loaded entry of its tuple is left out. `replace`: the
 * loaded entry takes its place, and what a complete batch does not have goes. `merge`: the loaded entry takes its
 * place, and what a complete batch does not have stays, such as connections that were opened here meanwhile.
 */
export type ExistingRule = 'keep' | 'replace' | 'merge';

/** See {@link LoadRequest.timeouts}. */
export type LifetimeRule = 'remaining' | 'absolute' | 'restart';

/** Entries of a VM, by whether their other end is local too. */
export type EntryScope = 'own' | 'shared' | 'all';

/** What an import came to. */
export interface LoadResult {
  readonly loaded: number;
  /** The table held an entry of the same tuple and kept it. */
  readonly existing: number;
  readonly refused: number;
  /** Of those refused: for want of room. */
  readonly full: number;
}

/**
 * One security engine of a host: it judges the packets of the VMs whose interfaces are there, and some of its
 * state belongs to each of them.
 */
export interface SecurityEngine {
  readonly name: string;
  readonly traits: EngineTraits;
  /** The VM boots behind this engine, where it has never been before. */
  begin(vm: Subject, nowNs: number): void;
  inspect(vm: Subject, packet: Packet, passage: Passage, nowNs: number): Judgement;
  /** The answer that `inspect` would give; leaves no trace. */
  ask(vm: Subject, packet: Packet, passage: Passage, nowNs: number): Judgement;
  /** Entries in all its tables; expired ones count until something walks over them. */
  readonly entriesHeld: number;
  /** CPU time that the last `inspect` took, in ns. */
  readonly inspectionNs: number;

  /** Static context. */
  policy(vm: Subject): Policy;
  setPolicy(vm: Subject, policy: Policy): void;
  /** How many items of static context the VM has: rules, for engines that have them. */
  staticItems(vm: Subject): number;

  /** Dynamic context: the VM's unexpired items as they are; leaves no trace. */
  peek(vm: Subject, nowNs: number): readonly ContextItem[];
  /** How many `peek` would give. */
  held(vm: Subject, nowNs: number): number;
  /** Those of them without which the engine does not know the packet. */
  itemsFor(vm: Subject, packet: Packet, passage: Passage, nowNs: number): readonly ContextItem[];
  /** Reads all of the VM's entries and starts to remember what is removed. */
  snapshot(vm: Subject, key: SelectionKey, nowNs: number): ContextBatch;
  /** What changed after an earlier read; all there is when too much was removed to remember. */
  changesSince(vm: Subject, key: SelectionKey, sinceNs: number, nowNs: number): ContextBatch;
  /** Nobody asks for changes of the VM's context any more, until somebody reads all of it again. */
  endReading(vm: Subject): void;
  load(vm: Subject, request: LoadRequest, nowNs: number): LoadResult;
  /** Deletes the VM's entries: those with no other local end, those with one, or all. Returns how many. */
  forget(vm: Subject, key: SelectionKey, scope: EntryScope, nowNs: number): number;
}
