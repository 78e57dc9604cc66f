import { addressOf } from '../../models/network/address.ts';
import type { Address } from '../../models/network/address.ts';
import type { Announcement, AnnouncementKind, Frame, Mac } from '../../models/network/frame.ts';
import { broadcastMac } from '../../models/network/frame.ts';
import { Protocol } from '../../models/network/packet.ts';
import { foldChecksum, pseudoSum, sumWords } from '../../scenarios/capture/checksum.ts';
import { EtherType } from '../../scenarios/capture/decode-frame.ts';
import { encodePacket, writeIpv6Address } from './encode-packet.ts';

/** What of a frame is written. */
export type WrittenFrame = Pick<Frame, 'sourceMac' | 'destinationMac' | 'packet' | 'announcement'>;

/**
 * The bytes of an Ethernet frame without preamble and checksum: what a capture holds. Outer headers of a tunnel are
 * not written: its ends are the MAC addresses of the frame.
 */
export function encodeFrame({ sourceMac, destinationMac, packet, announcement }: WrittenFrame): Uint8Array {
  if (packet !== null) {
    const type = packet.source.family === 4 ? EtherType.ipv4 : EtherType.ipv6;
    return ethernet(sourceMac, destinationMac, type, encodePacket(packet));
  }
  return announcement === null
    ? ethernet(sourceMac, destinationMac, 0, new Uint8Array(0))
    : encodeAnnouncement(sourceMac, announcement);
}

/**
 * What is written of an announcement: ARP knows addresses of IPv4 only and a neighbour advertisement those of IPv6
 * only, so that each stands for the other where the address asks for it. RARP names no address.
 */
export function writtenKind({ kind, address }: Announcement): AnnouncementKind {
  if (kind === 'rarp') return kind;
  return address.family === 4 ? 'gratuitous-arp' : 'neighbour-advertisement';
}

/** A MAC address of the simulator as six bytes: locally administered, unicast (IEEE 802, 8.2). 0 is nobody's. */
function macBytes(mac: Mac): number[] {
  const low = [24, 16, 8, 0].map((shift) => (mac >>> shift) & 255);
  if (mac === broadcastMac) return [255, 255, 255, 255, 255, 255];
  return [mac === 0 ? 0 : 2, 0, ...low];
}

/** Without its checksum, an Ethernet frame has 60 bytes at least (IEEE 802.3): machines pad what they announce. */
const announcementBytesMin = 60;
const ethernetHeaderBytes = 14;

function ethernet(sourceMac: Mac, destinationMac: Mac, type: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(ethernetHeaderBytes + payload.byteLength);
  frame.set([...macBytes(destinationMac), ...macBytes(sourceMac), type >>> 8, type & 255]);
  frame.set(payload, ethernetHeaderBytes);
  return frame;
}

function encodeAnnouncement(sourceMac: Mac, announcement: Announcement): Uint8Array {
  const { address } = announcement;
  const kind = writtenKind(announcement);
  if (kind === 'neighbour-advertisement') return neighbourAdvertisement(sourceMac, address);
  return kind === 'rarp'
    ? addressResolution(sourceMac, EtherType.rarp, rarpRequest, 0)
    : addressResolution(sourceMac, EtherType.arp, arpReply, address.w3);
}

/** Operations (RFC 826; RFC 903). */
const arpReply = 2;
const rarpRequest = 3;

/**
 * A broadcast in which sender and target are the same machine: so are both addresses of a gratuitous ARP reply
 * (RFC 5944, 4.6), and both MAC addresses of the RARP request that QEMU sends, without an address (net/announce.c).
 */
function addressResolution(mac: Mac, type: number, operation: number, address: number): Uint8Array {
  const payload = new Uint8Array(announcementBytesMin - ethernetHeaderBytes);
  const view = new DataView(payload.buffer);
  view.setUint16(0, 1);
  view.setUint16(2, EtherType.ipv4);
  payload.set([6, 4], 4);
  view.setUint16(6, operation);
  for (const at of [8, 18]) {
    payload.set(macBytes(mac), at);
    view.setUint32(at + 6, address);
  }
  return ethernet(mac, broadcastMac, type, payload);
}

/** All nodes of the link: ff02::1, and its MAC address (RFC 2464, 7). */
const allNodes = addressOf(6, 0xff020000, 0, 0, 1);
const allNodesMac = [0x33, 0x33, 0, 0, 0, 1];

/** Unsolicited, with the override flag and the target's link-layer address (RFC 4861, 4.4, 4.6.1 and 7.2.6). */
function neighbourAdvertisement(mac: Mac, address: Address): Uint8Array {
  const [headerBytes, messageBytes] = [40, 32];
  const payload = new Uint8Array(headerBytes + messageBytes);
  const view = new DataView(payload.buffer);
  view.setUint8(0, 0x60);
  view.setUint16(4, messageBytes);
  // Routers forward nothing of it: who takes it sees 255 hops left.
  payload.set([Protocol.icmpv6, 255], 6);
  writeIpv6Address(view, 8, address);
  writeIpv6Address(view, 24, allNodes);
  const [advertisement, override, targetLinkLayer, unitsOf8] = [136, 0x20, 2, 1];
  view.setUint8(headerBytes, advertisement);
  view.setUint8(headerBytes + 4, override);
  writeIpv6Address(view, headerBytes + 8, address);
  payload.set([targetLinkLayer, unitsOf8, ...macBytes(mac)], headerBytes + 24);
  const sum =
    pseudoSum(view, 6, Protocol.icmpv6, messageBytes) + sumWords(view, headerBytes, payload.byteLength);
  view.setUint16(headerBytes + 2, foldChecksum(sum));
  const frame = ethernet(mac, broadcastMac, EtherType.ipv6, payload);
  frame.set(allNodesMac);
  return frame;
}
