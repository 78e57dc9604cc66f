import type { Packet } from '../network/packet.ts';
import type { Judgement, Passage } from './nse.ts';
import type { ConnectionSnapshot } from './connection-snapshot.ts';
import type { Ruleset } from './ruleset.ts';

/** The rules that an engine applies to one VM's packets. */
export type Policy =
  /** The engine does not see the VM at all: everything passes, nothing is tracked. */
  | { readonly kind: 'no-engine' }
  | { readonly kind: 'drop-all' }
  | { readonly kind: 'rules'; readonly ruleset: Ruleset; readonly version: number };

/** The fidelity with which an entry is loaded, see `Scheme.context.fidelity`. */
export type LoadMode =
  'full' | 'save' | 'savefix' | 'naive' | 'noflags' | 'flags' | 'liberal' | 'natattr' | 'nat' | 'liberalnat';

/** Entries of one VM, and those that were removed since the batch before. */
export interface ContextBatch {
  readonly takenNs: number;
  readonly entries: readonly ConnectionSnapshot[];
  readonly removed: readonly ConnectionSnapshot[];
}

/** What an import came to. */
export interface LoadResult {
  readonly loaded: number;
  /** The table held an entry of the same tuple and kept it. */
  readonly existing: number;
  readonly refused: number;
}

/**
 * One security engine of a host: it judges the packets of the VMs whose interfaces are there, and some of its
 * state belongs to each of them.
 */
export interface SecurityEngine {
  readonly name: string;
  inspect(vm: string, packet: Packet, passage: Passage, nowNs: number): Judgement;
  /** The answer that `inspect` would give; leaves no trace. */
  ask(vm: string, packet: Packet, passage: Passage, nowNs: number): Judgement;
  /** CPU time that the last `inspect` took, in ns. */
  readonly inspectionNs: number;

  /** Static context. */
  policy(vm: string): Policy;
  setPolicy(vm: string, policy: Policy): void;

  /** Dynamic context: all of the VM's unexpired items, or what changed after the batch of `sinceNs`. */
  snapshot(vm: string, nowNs: number): ContextBatch;
  changesSince(vm: string, sinceNs: number, nowNs: number): ContextBatch;
  load(vm: string, batch: ContextBatch, mode: LoadMode, nowNs: number): LoadResult;
  /** Deletes the VM's items; with `shared` also those that have another local end. Returns how many. */
  forget(vm: string, shared: boolean, nowNs: number): number;
}
