import { makePacket, Protocol, TcpFlag, type Packet } from './packet.ts';

/** RFC 9293, 3.10.7.1: the answer to a segment for which there is no connection, or nobody who reads it. */
export function resetFor(packet: Packet): Packet {
  const acknowledges = (packet.tcpFlags & TcpFlag.ack) !== 0;
  const length =
    packet.payloadBytes +
    ((packet.tcpFlags & TcpFlag.syn) !== 0 ? 1 : 0) +
    ((packet.tcpFlags & TcpFlag.fin) !== 0 ? 1 : 0);
  return makePacket({
    source: packet.destination,
    sourcePort: packet.destinationPort,
    destination: packet.source,
    destinationPort: packet.sourcePort,
    protocol: Protocol.tcp,
    tcpFlags: acknowledges ? TcpFlag.rst : TcpFlag.rst | TcpFlag.ack,
    sequence: acknowledges ? packet.acknowledgement : 0,
    acknowledgement: acknowledges ? 0 : (packet.sequence + length) >>> 0,
    fragmentId: packet.fragmentId,
    intent: packet.intent,
    flow: packet.flow,
  });
}
