import type { Packet } from '../network/packet.ts';
import type { Address } from '../network/address.ts';
import type { ZoneDirection } from './zone-word.ts';
import type { NatFlag, NatStatement, Rejection, Rule } from './ruleset.ts';

/** How connection tracking sees a packet, in the words of `ct state` of nft(8). */
export type TrackedState = 'invalid' | 'established' | 'related' | 'new' | 'untracked';

/**
 * A place on a packet's way where rules are asked. The kernel orders chains of one hook by priority; what
 * matters here is on which side of connection tracking (-200) and of NAT (-100 for destinations) they stand
 * (enum nf_ip_hook_priorities in include/uapi/linux/netfilter_ipv4.h).
 */
export type Stage =
  /** prerouting, priority below -200: before connection tracking, where `notrack` and zones are set. */
  | 'prerouting-raw'
  /** prerouting, from -200 up to, not including, -100: after connection tracking, before translation. */
  | 'prerouting-mangle'
  | 'prerouting-nat'
  /** prerouting, from -100 on: the translated packet, before it is routed. */
  | 'prerouting-filter'
  | 'input'
  | 'input-nat'
  | 'forward'
  | 'output'
  | 'output-nat'
  | 'postrouting'
  | 'postrouting-nat';

/** What rules may look at; one record is reused for all packets. */
export interface RuleContext {
  packet: Packet;
  /** Empty when there is none, as the outgoing one before routing. */
  inInterface: string;
  outInterface: string;
  connectionState: TrackedState;
  /** Bits of StatusBit in rule-field.ts; 0 without an entry. */
  connectionStatus: number;
  connectionMark: number;
  direction: 'original' | 'reply';
  zone: number;
  /** The packet's mark. */
  mark: number;
  /** Kind of the connection's helper ("ftp"), empty without one. */
  helper: string;
  /** False when only the answer is wanted and the rules' counters must not move. */
  counted: boolean;
}

/** What rules see of a packet of which nothing else is known: no interface, no entry, no mark. Counters move. */
export function bareContext(packet: Packet): RuleContext {
  return {
    packet,
    inInterface: '',
    outInterface: '',
    connectionState: 'untracked',
    connectionStatus: 0,
    connectionMark: 0,
    direction: 'original',
    zone: 0,
    mark: 0,
    helper: '',
    counted: true,
  };
}

/** A translation that a rule asks for. */
export interface NatRequest {
  readonly action: NatStatement['action'];
  /** Null: the interface's own address, or unchanged. */
  readonly addresses: { readonly low: Address; readonly high: Address } | null;
  /** Null: keep the port where possible. */
  readonly ports: { readonly low: number; readonly high: number } | null;
  readonly flags: readonly NatFlag[];
}

/** What the rules of one stage say about a packet; one record per table, overwritten by the next evaluation. */
export interface RuleOutcome {
  verdict: 'accept' | 'drop' | 'reject';
  /** The rule whose verdict or translation ended the walk; null when it was a chain's policy. */
  rule: Rule | null;
  rejection: Rejection | null;
  nat: NatRequest | null;
  notrack: boolean;
  /** The zone set, -1 when none was, and for which direction it holds. */
  zone: number;
  zoneDirection: ZoneDirection;
  /** Kind of helper that was attached ("ftp"), empty when none was. */
  helper: string;
  /** The packet's and the connection's mark after the rules, changed or not. */
  mark: number;
  connectionMark: number;
  /** How many rules a linear search looks at: what the walk costs on Linux, whatever index serves it here. */
  rulesEvaluated: number;
}
