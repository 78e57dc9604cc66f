import type { Packet } from '../../models/network/packet.ts';
import { makePacket } from '../../models/network/packet.ts';
import type { CaptureFault } from './capture.ts';
import { decodeTransport } from './decode-transport.ts';
import { readIpHeader } from './ip-header.ts';

export interface DecodeOptions {
  /**
   * Whether wrong transport checksums make a packet one with a wrong checksum. A capture on the sending machine
   * shows checksums that its network card has yet to fill in, so they are usually to be trusted.
   */
  readonly checksums: 'trust' | 'verify';
}

/**
 * Reads an IPv4 or IPv6 packet of which `data` was captured and `wireBytes` were sent (RFC 791, RFC 8200).
 * Bytes beyond the length that IP states are padding of the frame.
 */
export function decodePacket(
  data: DataView,
  wireBytes: number,
  options: DecodeOptions,
): Packet | CaptureFault {
  const header = readIpHeader(data, wireBytes);
  if (typeof header === 'string') return header;
  const { source, destination, protocol, fragmentOffsetBytes, moreFragments, fragmentId } = header;
  const base = { source, destination, protocol, fragmentOffsetBytes, moreFragments, fragmentId };
  // Only the first fragment has a transport header.
  if (fragmentOffsetBytes > 0) return makePacket({ ...base, payloadBytes: header.transportBytes });
  return decodeTransport(data, header, base, options);
}
