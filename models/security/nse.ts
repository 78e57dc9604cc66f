import type { Packet } from '../network/packet.ts';
import type { DropCause } from '../observations.ts';

/** Where a packet enters and leaves the host; empty text where there is no such interface. */
export interface Passage {
  readonly inInterface: string;
  readonly outInterface: string;
}

/** What connection tracking says of a packet, in the words of nft(8), `ct state`. */
export type ConnectionState = 'new' | 'established' | 'related' | 'invalid' | 'untracked';

/** `local`: for the host itself; `hold`: a fragment, kept until its datagram is complete. */
export type Verdict = 'accept' | 'drop' | 'local' | 'hold';

/**
 * An engine's answer to one packet. Engines hand out one object each and overwrite it at their next packet:
 * read it at once.
 */
export interface Judgement {
  readonly verdict: Verdict;
  /**
   * Set when the verdict is `drop`. `rule`: connection tracking had nothing against the packet; `invalid`: it
   * did not fit the entry of its connection, or its header is wrong; `no-entry`: it belongs to no known
   * connection and does not open one; `table-full`: no room in the table, no free port to translate to, or it announces a
   * connection that another one has announced.
   */
  readonly cause: DropCause | null;
  /** As the rules saw it; null when connection tracking dropped the packet before any rule. */
  readonly connectionState: ConnectionState | null;
  /** The packet as it leaves: translated, or reassembled. */
  readonly packet: Packet;
  readonly rulesEvaluated: number;
  readonly entryCreated: boolean;
}

/** A network-security engine: packet and time in, verdict out. Times never run back, except in `ask`. */
export interface Nse {
  readonly name: string;
  /** Judges a packet and learns from it. */
  inspect(packet: Packet, passage: Passage, nowNs: number): Judgement;
  /** The answer that {@link inspect} would give, leaving no trace in any state. */
  ask(packet: Packet, passage: Passage, nowNs: number): Judgement;
}
