import type { Address } from './address.ts';
import { makePacket, Protocol, type Intent, type Packet } from './packet.ts';

/** What one datagram says, and for whom. */
export interface Datagram {
  readonly source: Address;
  readonly sourcePort: number;
  readonly destination: Address;
  readonly destinationPort: number;
  readonly payloadBytes: number;
  /** Which datagram of its flow: stands in the IP identification, so that echo and request can be paired. */
  readonly index: number;
  readonly flow: number;
  readonly intent: Intent;
}

/** The UDP packet of a datagram. */
export function udpPacket(datagram: Datagram): Packet {
  return makePacket({
    source: datagram.source,
    sourcePort: datagram.sourcePort,
    destination: datagram.destination,
    destinationPort: datagram.destinationPort,
    protocol: Protocol.udp,
    payloadBytes: datagram.payloadBytes,
    fragmentId: datagram.index,
    flow: datagram.flow,
    intent: datagram.intent,
  });
}

/** The echo of a datagram: same size and number, ends exchanged (RFC 862). */
export function udpEcho(request: Packet): Packet {
  return udpPacket({
    source: request.destination,
    sourcePort: request.destinationPort,
    destination: request.source,
    destinationPort: request.sourcePort,
    payloadBytes: request.payloadBytes,
    index: request.fragmentId,
    flow: request.flow,
    intent: request.intent,
  });
}
