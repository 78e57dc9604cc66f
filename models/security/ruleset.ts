import type { Address } from '../network/address.ts';
import type { Field, ValueType } from './rule-field.ts';

/**
 * A rule set as nftables means it (nft(8), "RULESET" ff.): immutable data, read by the importers, compiled by
 * RuleTable. Tables of iptables are the same thing with the names that iptables-nft gives them.
 */
export interface Ruleset {
  readonly tables: readonly Table[];
  /** Rules in all chains: what a table costs to carry and to install. */
  readonly rulesCount: number;
}

/** The rule set of these tables. */
export function makeRuleset(tables: readonly Table[]): Ruleset {
  let rulesCount = 0;
  for (const { chains } of tables) for (const { rules } of chains) rulesCount += rules.length;
  return { tables, rulesCount };
}

export type TableFamily = 'ip' | 'ip6' | 'inet';

export interface Table {
  readonly family: TableFamily;
  readonly name: string;
  readonly chains: readonly Chain[];
  readonly sets: readonly NamedSet[];
  readonly maps: readonly NamedMap[];
  readonly counters: readonly NamedCounter[];
  readonly helpers: readonly ConnectionHelper[];
}

export type ChainType = 'filter' | 'nat' | 'route';
export type ChainHook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

/** Where a base chain is attached; chains of one hook run in ascending order of priority. */
export interface ChainBase {
  readonly type: ChainType;
  readonly hook: ChainHook;
  readonly priority: number;
  readonly policy: 'accept' | 'drop';
}

export interface Chain {
  readonly name: string;
  /** Null for a chain that is only jumped to. */
  readonly base: ChainBase | null;
  readonly rules: readonly Rule[];
}

export interface Rule {
  /** In order, as the kernel runs them: a match that fails ends the rule there. */
  readonly expressions: readonly Expression[];
  readonly comment: string;
  /** Where it was written, for messages: "rules.nft:12"; empty when it was not read from a file. */
  readonly place: string;
}

export type Expression = Match | Statement;

/** One interval of values, both ends included. */
export type Range =
  | { readonly kind: 'numbers'; readonly low: number; readonly high: number }
  | { readonly kind: 'addresses'; readonly low: Address; readonly high: Address }
  /** An interface or helper name; a `*` at the end stands for any rest. */
  | { readonly kind: 'name'; readonly pattern: string };

/** One range per selector: more than one for a concatenation. */
export type Key = readonly Range[];

export interface Selector {
  readonly field: Field;
  /** The value is ANDed with it before it is compared, of an address the lowest word; null when it is not. */
  readonly mask: number | null;
}

/**
 * `in`: the value lies in one of the keys. `any-bit`: value & key ≠ 0 (what nft means by `ct state new,related`),
 * `no-bit`: value & key = 0 (`tcp flags ! syn`); both have exactly one key of one number.
 */
export type MatchOperator = 'in' | 'not-in' | 'any-bit' | 'no-bit';

export interface Match {
  readonly kind: 'match';
  readonly selectors: readonly Selector[];
  readonly operator: MatchOperator;
  readonly keys: KeySource;
}

export type KeySource =
  | { readonly kind: 'inline'; readonly keys: readonly Key[] }
  | { readonly kind: 'named'; readonly set: string };

export type Verdict =
  | { readonly kind: 'accept' | 'drop' | 'return' | 'continue' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string };

/** What the sender of a rejected packet is told: a TCP reset, or an ICMP error of this code. */
export interface Rejection {
  readonly type: 'tcp-reset' | 'icmp' | 'icmpv6' | 'icmpx';
  readonly code: number;
}

export type NatFlag = 'random' | 'fully-random' | 'persistent';

export interface NatStatement {
  readonly kind: 'nat';
  readonly action: 'snat' | 'dnat' | 'masquerade' | 'redirect';
  /** Null for masquerade and redirect, which take the interface's own address, or when only ports change. */
  readonly addresses: ValueSource | null;
  readonly ports: ValueSource | null;
  readonly flags: readonly NatFlag[];
}

/** A field that statements may set; `ct zone` may hold for one direction only. */
export type SettableField = 'meta mark' | 'ct mark' | 'ct zone' | 'ct original zone' | 'ct reply zone';

export type Statement =
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | { readonly kind: 'verdict-map'; readonly selectors: readonly Selector[]; readonly map: MapSource }
  | { readonly kind: 'reject'; readonly rejection: Rejection }
  | { readonly kind: 'counter'; readonly packets: number; readonly bytes: number }
  | { readonly kind: 'named-counter'; readonly counter: string }
  | { readonly kind: 'log'; readonly options: LogOptions }
  | { readonly kind: 'notrack' }
  | { readonly kind: 'set'; readonly field: SettableField; readonly value: ValueSource }
  | { readonly kind: 'helper'; readonly helper: string }
  | NatStatement;

/** Logging has no effect on packets; it is kept for the way back to text. */
export interface LogOptions {
  readonly prefix: string;
  /** Empty for the default, `warn`. */
  readonly level: string;
  /** -1 without one. */
  readonly group: number;
  readonly snaplen: number;
  readonly queueThreshold: number;
  readonly flags: readonly string[];
}

/** Where a statement takes its value from. */
export type ValueSource =
  | { readonly kind: 'constant'; readonly value: MapValue }
  /** (field & and) ^ xor: the form of the kernel's bitwise expression. */
  | { readonly kind: 'field'; readonly field: Field; readonly and: number; readonly xor: number }
  | { readonly kind: 'map'; readonly selectors: readonly Selector[]; readonly map: MapSource };

export type MapSource =
  | { readonly kind: 'inline'; readonly elements: readonly MapElement[] }
  | { readonly kind: 'named'; readonly map: string };

export interface MapElement {
  readonly key: Key;
  readonly value: MapValue;
}

/** A verdict, or one range per part: an address range, then a port range, for NAT. */
export type MapValue =
  { readonly kind: 'verdict'; readonly verdict: Verdict } | { readonly kind: 'values'; readonly ranges: Key };

export interface NamedSet {
  readonly name: string;
  readonly key: readonly ValueType[];
  readonly flags: readonly SetFlag[];
  readonly elements: readonly Key[];
}

export type SetFlag = 'constant' | 'interval' | 'timeout' | 'dynamic';

export interface NamedMap {
  readonly name: string;
  readonly key: readonly ValueType[];
  readonly value: readonly (ValueType | 'verdict')[];
  readonly flags: readonly SetFlag[];
  readonly elements: readonly MapElement[];
}

export interface NamedCounter {
  readonly name: string;
  readonly packets: number;
  readonly bytes: number;
}

export interface ConnectionHelper {
  readonly name: string;
  /** What it understands: "ftp", "sip" … */
  readonly type: string;
  readonly protocol: 'tcp' | 'udp';
  readonly family: TableFamily;
}
