import type { EndpointHost } from '../network/endpoint-host.ts';
import type { TcpIdentity } from '../network/tcp-end.ts';
import type { Packet } from '../network/packet.ts';

/** The two hosts between which a workload's flows run, and the names that observations give them. */
export interface FlowEnds {
  readonly vmName: string;
  readonly peerName: string;
  readonly vm: EndpointHost;
  readonly peer: EndpointHost;
}

/** Who is at the other end. */
export function otherEnd(end: 'peer' | 'vm'): 'peer' | 'vm' {
  return end === 'peer' ? 'vm' : 'peer';
}

/** Says whether a packet from one of the ends would get through the engines; leaves no trace. */
export type PassageQuestion = (packet: Packet, from: 'peer' | 'vm') => boolean;

/** Connections that an attacker may know of. Each takes a uniform draw and picks by it; null when there is none. */
export interface KnownConnections {
  /** A connection that exchanges messages, as its peer end sees it. */
  live(u: number): TcpIdentity | null;
  /** A connection that is open and silent. */
  idle(u: number): TcpIdentity | null;
  /** A connection that has ended. */
  closed(u: number): TcpIdentity | null;
  /** A connection that exchanges messages and was opened by the VM. */
  ofVm(u: number): TcpIdentity | null;
}

/** What an attacker knows in all. */
export interface KnownFlows extends KnownConnections {
  /** A flow of datagrams. */
  datagrams(u: number): TcpIdentity | null;
}
