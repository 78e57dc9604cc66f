import { Protocol, type Packet } from '../network/packet.ts';

/** Whether the packet is an ICMP message of its own family. */
export function isIcmp(packet: Packet): boolean {
  const { protocol } = packet;
  return packet.source.family === 4 ? protocol === Protocol.icmp : protocol === Protocol.icmpv6;
}

/**
 * The IP header plus what of the next one makes the tuple: four bytes of ports, eight of an ICMP header, nothing
 * of a protocol without ports. Source: Linux 6.18, net/netfilter/nf_conntrack_core.c, `nf_ct_get_tuple`.
 */
export function quotedBytesMin(quoted: Packet): number {
  return (quoted.source.family === 4 ? 20 : 40) + tupleBytes(quoted.protocol);
}

function tupleBytes(protocol: number): number {
  switch (protocol) {
    case Protocol.tcp:
    case Protocol.udp:
      return 4;
    case Protocol.icmp:
    case Protocol.icmpv6:
      return 8;
    default:
      return 0;
  }
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
