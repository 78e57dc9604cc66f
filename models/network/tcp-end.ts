import type { Address } from './address.ts';
import type { IdleConnections } from './idle-connections.ts';
import type { Intent, Packet } from './packet.ts';
import type { TcpSettings } from './tcp-settings.ts';
import type { TcpState } from './tcp-state.ts';
import type { TimerClock } from './timer-clock.ts';
import type { TransmissionControlBlock } from './transmission-control-block.ts';

/** The ends of a connection as one of them sees it, and what its packets say for the measures. */
export interface TcpIdentity {
  readonly local: Address;
  readonly localPort: number;
  readonly remote: Address;
  readonly remotePort: number;
  readonly flow: number;
  readonly intent: Intent;
}

/** What a host gives to its TCP endpoints. */
export interface TcpHost {
  readonly settings: TcpSettings;
  /** The clock that timers run on; a guest's may stand still. */
  readonly clock: TimerClock;
  /** Simulated time. */
  readonly world: { readonly nowNs: number };
  /** Where ends are kept that have nothing under way. */
  readonly idle: IdleConnections;
  emit(packet: Packet): void;
  /** Called once, when the other end has acknowledged a SYN/ACK. */
  handshakeOver(end: TcpEnd): void;
  /** Called when a SYN/ACK stays without an answer: how often it may be sent again. */
  synAckRetriesMax(end: TcpEnd): number;
  /** Called once, when the endpoint no longer takes packets. */
  forget(end: TcpEnd): void;
}

/** One end of a connection, as the rules that send for it see it. */
export interface TcpEnd extends TcpIdentity {
  readonly host: TcpHost;
  readonly state: TcpState;
  readonly block: TransmissionControlBlock;
  /** Called with each packet that leaves. */
  sent(): void;
}
