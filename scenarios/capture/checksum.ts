import { Protocol } from '../../models/network/packet.ts';
import type { IpHeader } from './ip-header.ts';

/** Sum of 16-bit words for the Internet checksum (RFC 1071); an odd byte at the end counts as the upper one. */
export function sumWords(data: DataView, start: number, end: number): number {
  let sum = 0;
  let at = start;
  for (; at + 1 < end; at += 2) sum += data.getUint16(at);
  return at < end ? sum + (data.getUint8(at) << 8) : sum;
}

/** The complement of a sum folded to 16 bits. */
export function foldChecksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}

/**
 * Whether the checksum of a TCP, UDP or ICMP packet is right; true as well for what has none, is a fragment or
 * was not captured whole.
 */
export function transportChecksumValid(data: DataView, header: IpHeader): boolean {
  const { protocol, transportAt: at, transportBytes, fragmentOffsetBytes, source } = header;
  const hasOne =
    protocol === Protocol.tcp ||
    protocol === Protocol.udp ||
    protocol === Protocol.icmp ||
    protocol === Protocol.icmpv6;
  if (!hasOne || fragmentOffsetBytes >= 0 || data.byteLength < at + transportBytes) return true;
  // UDP may go without.
  if (protocol === Protocol.udp && data.getUint16(at + 6) === 0) return true;
  const pseudo = protocol === Protocol.icmp ? 0 : pseudoSum(data, source.family, protocol, transportBytes);
  return foldChecksum(pseudo + sumWords(data, at, at + transportBytes)) === 0;
}

/** The pseudo-header of a packet whose IP header begins at 0 (RFC 9293, 3.1; RFC 8200, 8.1). */
export function pseudoSum(data: DataView, family: 4 | 6, protocol: number, transportBytes: number): number {
  const addresses = family === 4 ? sumWords(data, 12, 20) : sumWords(data, 8, 40);
  return addresses + protocol + (transportBytes >>> 16) + (transportBytes & 0xffff);
}
