import { Protocol, type Packet } from '../network/packet.ts';

/** Whether the packet is an ICMP message of its own family; ICMP in IPv6 is a protocol like any other. */
export function isIcmp(packet: Packet): boolean {
  const { protocol } = packet;
  return packet.source.family === 4 ? protocol === Protocol.icmp : protocol === Protocol.icmpv6;
}

/** IP header plus what holds the ports: the first four bytes, or all eight of an ICMP header. */
export function quotedBytesMin(quoted: Packet): number {
  const ip = quoted.source.family === 4 ? 20 : 40;
  return ip + (isIcmp(quoted) ? 8 : 4);
}

/** Whether an error goes to the sender of the packet that it quotes. */
export function goesToSender(error: Packet, quoted: Packet): boolean {
  const { destination } = error;
  const { source } = quoted;
  return (
    destination.w3 === source.w3 &&
    destination.w2 === source.w2 &&
    destination.w1 === source.w1 &&
    destination.w0 === source.w0
  );
}
