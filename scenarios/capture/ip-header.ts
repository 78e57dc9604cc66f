import { addressOf, ipv4, type Address } from '../../models/network/address.ts';
import type { CaptureFault } from './capture.ts';

/** What the IP header says, and where the transport header is. */
export interface IpHeader {
  readonly source: Address;
  readonly destination: Address;
  readonly protocol: number;
  /** From the beginning of the IP header. */
  readonly transportAt: number;
  /** Transport header and payload, whether captured or not. */
  readonly transportBytes: number;
  /** -1 for a whole datagram. */
  readonly fragmentOffsetBytes: number;
  readonly moreFragments: boolean;
  readonly fragmentId: number;
}

/** The header of the packet at the beginning of `data`; `wireBytes` Infinity where the end is not known. */
export function readIpHeader(data: DataView, wireBytes: number): IpHeader | CaptureFault {
  if (data.byteLength < 1) return 'headers-not-captured';
  const version = data.getUint8(0) >>> 4;
  if (version === 4) return readIpv4(data, wireBytes);
  return version === 6 ? readIpv6(data, wireBytes) : 'header-broken';
}

function readIpv4(data: DataView, wireBytes: number): IpHeader | CaptureFault {
  if (data.byteLength < 20) return 'headers-not-captured';
  const headerBytes = (data.getUint8(0) & 15) * 4;
  // Segmentation offload leaves the length of what does not fit into it at 0.
  const stated = data.getUint16(2);
  const totalBytes = stated === 0 ? wireBytes : stated;
  if (headerBytes < 20 || totalBytes < headerBytes) return 'header-broken';
  if (totalBytes > wireBytes) return 'longer-than-frame';
  if (data.byteLength < headerBytes) return 'headers-not-captured';
  const fragment = data.getUint16(6);
  const moreFragments = (fragment & 0x2000) !== 0;
  const offset = (fragment & 0x1fff) * 8;
  return {
    source: ipv4(data.getUint32(12)),
    destination: ipv4(data.getUint32(16)),
    protocol: data.getUint8(9),
    transportAt: headerBytes,
    transportBytes: totalBytes - headerBytes,
    fragmentOffsetBytes: moreFragments || offset > 0 ? offset : -1,
    moreFragments,
    fragmentId: data.getUint16(4),
  };
}

/** Extension headers that are passed over: hop-by-hop, routing, destination options (RFC 8200, 4.1). */
const extensions: ReadonlySet<number> = new Set([0, 43, 60]);
const fragmentHeader = 44;
const authenticationHeader = 51;

function readIpv6(data: DataView, wireBytes: number): IpHeader | CaptureFault {
  if (data.byteLength < 40) return 'headers-not-captured';
  const stated = data.getUint16(4);
  const endAt = stated === 0 && wireBytes !== Infinity ? wireBytes : 40 + stated;
  if (endAt > wireBytes) return 'longer-than-frame';
  let next = data.getUint8(6);
  let at = 40;
  let fragment = { fragmentOffsetBytes: -1, moreFragments: false, fragmentId: 0 };
  while (extensions.has(next) || next === fragmentHeader || next === authenticationHeader) {
    if (at + 8 > endAt) return 'header-broken';
    if (at + 8 > data.byteLength) return 'headers-not-captured';
    const length = data.getUint8(at + 1);
    const bytes =
      next === fragmentHeader ? 8 : next === authenticationHeader ? (length + 2) * 4 : (length + 1) * 8;
    if (next === fragmentHeader) {
      const word = data.getUint16(at + 2);
      fragment = {
        fragmentOffsetBytes: word & 0xfff8,
        moreFragments: (word & 1) !== 0,
        fragmentId: data.getUint32(at + 4),
      };
    }
    next = data.getUint8(at);
    at += bytes;
    // What follows a later fragment's header is a piece of the payload.
    if (fragment.fragmentOffsetBytes > 0) break;
  }
  if (at > endAt) return 'header-broken';
  return {
    source: ipv6At(data, 8),
    destination: ipv6At(data, 24),
    protocol: next,
    transportAt: at,
    transportBytes: endAt - at,
    ...fragment,
  };
}

function ipv6At(data: DataView, at: number): Address {
  const word = (index: number): number => data.getInt32(at + 4 * index);
  return addressOf(6, word(0), word(1), word(2), word(3));
}
