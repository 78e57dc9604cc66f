import type { Packet } from '../../models/network/packet.ts';
import type { CaptureFault } from './capture.ts';
import { decodePacket } from './decode-packet.ts';
import type { DecodeOptions } from './decode-packet.ts';

/** Link types (https://www.tcpdump.org/linktypes.html). */
export const LinkType = {
  loopback: 0,
  ethernet: 1,
  raw: 101,
  openLoopback: 108,
  cooked: 113,
  ipv4: 228,
  ipv6: 229,
  cooked2: 276,
} as const;

/** What an Ethernet frame carries (IANA, IEEE 802 numbers). */
export const EtherType = {
  ipv4: 0x0800,
  arp: 0x0806,
  rarp: 0x8035,
  ipv6: 0x86dd,
  vlan: 0x8100,
  serviceVlan: 0x88a8,
  oldServiceVlan: 0x9100,
} as const;

/** More tags than this on one frame are no frame. */
const tagsMax = 4;

/**
 * The IP packet of a frame. `frameBytes` is how long the frame was on the wire, of which `frame` holds what
 * was captured.
 */
export function decodeFrame(
  frame: DataView,
  frameBytes: number,
  linkType: number,
  options: DecodeOptions,
): Packet | CaptureFault {
  if (frameBytes < frame.byteLength) return 'record-broken';
  const start = ipStart(frame, linkType);
  if (typeof start === 'string') return start;
  const ip = new DataView(frame.buffer, frame.byteOffset + start, frame.byteLength - start);
  return decodePacket(ip, frameBytes - start, options);
}

/** Where IP begins. */
function ipStart(frame: DataView, linkType: number): number | CaptureFault {
  switch (linkType) {
    case LinkType.ethernet:
      return afterEtherType(frame, 12);
    case LinkType.raw:
    case LinkType.ipv4:
    case LinkType.ipv6:
      return 0;
    case LinkType.cooked:
      return afterEtherType(frame, 14);
    case LinkType.cooked2:
      return frame.byteLength < 20 ? 'headers-not-captured' : isIp(frame.getUint16(0)) ? 20 : 'not-ip';
    case LinkType.loopback:
    case LinkType.openLoopback: {
      // A family in the byte order of the machine that captured: 2 is IPv4; IPv6 is 10, 24, 28 or 30.
      if (frame.byteLength < 4) return 'headers-not-captured';
      const family = frame.getUint32(0, true) > 0xffff ? frame.getUint32(0) : frame.getUint32(0, true);
      return [2, 10, 24, 28, 30].includes(family) ? 4 : 'not-ip';
    }
    default:
      return 'link-type-unknown';
  }
}

/** Where IP begins when the EtherType stands at `at`, behind any VLAN tags. */
function afterEtherType(frame: DataView, at: number): number | CaptureFault {
  for (let tags = 0; tags <= tagsMax; tags++) {
    const place = at + 4 * tags;
    if (place + 2 > frame.byteLength) return 'headers-not-captured';
    const type = frame.getUint16(place);
    if (isIp(type)) return place + 2;
    if (type !== EtherType.vlan && type !== EtherType.serviceVlan && type !== EtherType.oldServiceVlan)
      return 'not-ip';
  }
  return 'not-ip';
}

function isIp(type: number): boolean {
  return type === EtherType.ipv4 || type === EtherType.ipv6;
}
