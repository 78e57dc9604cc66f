import { formatAddress } from '../../models/network/address.ts';
import { Protocol, TcpFlag, type Packet } from '../../models/network/packet.ts';

/** A packet as the golden files show it on a wire. */
export type WireView = Readonly<Record<string, unknown>>;

/** `side` is where it was seen; `frames` into how many fragments it was cut. */
export function wireView(packet: Packet, side: string, frames: number): WireView {
  const pieces = frames > 1 ? { frag: true, frames } : {};
  return { side, ...packetView(packet, true, Infinity), ...pieces };
}

/** Of a quoted packet only what its first `bytes` hold. */
function packetView(packet: Packet, outer: boolean, bytes: number): WireView {
  const ends = { src: formatAddress(packet.source), dst: formatAddress(packet.destination) };
  const headerBytes = bytes - (packet.source.family === 4 ? 20 : 40);
  const ports = headerBytes >= 4 ? { sport: packet.sourcePort, dport: packet.destinationPort } : {};
  switch (packet.protocol) {
    case Protocol.tcp:
      return { proto: 'tcp', ...ends, ...ports, ...(outer ? { flags: flagLetters(packet.tcpFlags) } : {}) };
    case Protocol.udp:
      return { proto: 'udp', ...ends, ...ports };
    case Protocol.icmp:
    case Protocol.icmpv6: {
      const proto = packet.protocol === Protocol.icmp ? 'icmp' : 'icmpv6';
      const kind = headerBytes >= 2 ? { type: packet.icmpType, code: packet.icmpCode } : {};
      const { quoted } = packet;
      if (quoted !== null && !outer) return { proto, ...ends, ...kind };
      if (quoted !== null)
        return { proto, ...ends, ...kind, inner: packetView(quoted, false, packet.quotedBytes) };
      return { proto, ...ends, ...kind, ...(headerBytes >= 8 ? { id: packet.icmpId } : {}) };
    }
    default:
      return { proto: packet.protocol, ...ends };
  }
}

/** TCP flags as letters. */
export function flagLetters(flags: number): string {
  return letters
    .filter(([, bit]) => (flags & bit) !== 0)
    .map(([letter]) => letter)
    .join('');
}

/** In the order in which the recorder writes them. */
const letters: readonly (readonly [string, number])[] = [
  ['F', TcpFlag.fin],
  ['S', TcpFlag.syn],
  ['R', TcpFlag.rst],
  ['P', TcpFlag.psh],
  ['A', TcpFlag.ack],
  ['U', TcpFlag.urg],
];
