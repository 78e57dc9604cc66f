import type { Address } from '../../models/network/address.ts';
import { Protocol } from '../../models/network/packet.ts';
import type { Packet } from '../../models/network/packet.ts';
import { foldChecksum, pseudoSum, sumWords } from '../../scenarios/capture/checksum.ts';

/**
 * The bytes of a packet from the IP header on: real headers and checksums, and zeros for the payload, which is
 * simulated by its size only. What does not fit into IP's length field is written as segmentation offload
 * does, with a length of 0.
 */
export function encodePacket(packet: Packet): Uint8Array {
  const transport = encodeTransport(packet);
  const isIpv4 = packet.source.family === 4;
  const fragmented = packet.fragmentOffsetBytes >= 0;
  const headerBytes = isIpv4 ? 20 : fragmented ? 48 : 40;
  const bytes = new Uint8Array(headerBytes + transport.byteLength);
  const view = new DataView(bytes.buffer);
  if (isIpv4) writeIpv4(view, packet, bytes.byteLength);
  else writeIpv6(view, packet, bytes.byteLength);
  bytes.set(transport, headerBytes);
  if (packet.fragmentOffsetBytes <= 0) writeChecksum(view, packet, headerBytes, transport.byteLength);
  return bytes;
}

function writeIpv4(view: DataView, packet: Packet, totalBytes: number): void {
  view.setUint8(0, 0x45);
  view.setUint16(2, totalBytes > 0xffff ? 0 : totalBytes);
  view.setUint16(4, packet.fragmentId);
  const offset = Math.max(packet.fragmentOffsetBytes, 0) >>> 3;
  // Whole datagrams carry "don't fragment".
  const flags = packet.moreFragments ? 0x2000 : packet.fragmentOffsetBytes >= 0 ? 0 : 0x4000;
  view.setUint16(6, flags | offset);
  view.setUint8(8, 64);
  view.setUint8(9, packet.protocol);
  view.setUint32(12, packet.source.w3);
  view.setUint32(16, packet.destination.w3);
  view.setUint16(10, foldChecksum(sumWords(view, 0, 20)));
}

function writeIpv6(view: DataView, packet: Packet, totalBytes: number): void {
  const fragmented = packet.fragmentOffsetBytes >= 0;
  view.setUint8(0, 0x60);
  view.setUint16(4, totalBytes - 40 > 0xffff ? 0 : totalBytes - 40);
  view.setUint8(6, fragmented ? 44 : packet.protocol);
  view.setUint8(7, 64);
  writeIpv6Address(view, 8, packet.source);
  writeIpv6Address(view, 24, packet.destination);
  if (!fragmented) return;
  view.setUint8(40, packet.protocol);
  view.setUint16(42, (packet.fragmentOffsetBytes & 0xfff8) | (packet.moreFragments ? 1 : 0));
  view.setUint32(44, packet.fragmentId);
}

/** Writes the sixteen bytes of an IPv6 address. */
export function writeIpv6Address(view: DataView, at: number, { w0, w1, w2, w3 }: Address): void {
  [w0, w1, w2, w3].forEach((word, i) => view.setUint32(at + 4 * i, word));
}

/** Transport header and payload; of a fragment after the first one, payload only. */
function encodeTransport(packet: Packet): Uint8Array {
  if (packet.fragmentOffsetBytes > 0) return new Uint8Array(packet.payloadBytes);
  switch (packet.protocol) {
    case Protocol.tcp:
      return encodeTcp(packet);
    case Protocol.icmp:
    case Protocol.icmpv6:
      return encodeIcmp(packet);
    default:
      return encodePorts(packet);
  }
}

function encodeTcp(packet: Packet): Uint8Array {
  const options = tcpOptions(packet);
  const headerBytes = 20 + options.length;
  const bytes = new Uint8Array(headerBytes + packet.payloadBytes);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, packet.sourcePort);
  view.setUint16(2, packet.destinationPort);
  view.setUint32(4, packet.sequence);
  view.setUint32(8, packet.acknowledgement);
  view.setUint8(12, (headerBytes / 4) << 4);
  view.setUint8(13, packet.tcpFlags);
  view.setUint16(14, packet.window);
  bytes.set(options, 20);
  return bytes;
}

/** Options padded to whole words with no-operations, as packetBytes counts them. */
function tcpOptions(packet: Packet): number[] {
  const options: number[] = [];
  if (packet.maximumSegmentBytes >= 0)
    options.push(2, 4, packet.maximumSegmentBytes >>> 8, packet.maximumSegmentBytes & 255);
  if (packet.windowScale >= 0) options.push(1, 3, 3, packet.windowScale);
  const { timestamp, timestampEcho } = packet;
  if (packet.sackPermitted) options.push(...(timestamp < 0 ? [1, 1, 4, 2] : [4, 2]));
  else if (timestamp >= 0) options.push(1, 1);
  if (timestamp >= 0) options.push(8, 10, ...wordBytes(timestamp), ...wordBytes(Math.max(0, timestampEcho)));
  const { sackBlocks } = packet;
  // The header has room for 40 bytes of options.
  const edges = (sackBlocks ?? []).slice(0, 2 * Math.floor((36 - options.length) / 8));
  if (edges.length > 0) {
    options.push(1, 1, 5, 2 + 4 * edges.length);
    for (const edge of edges) options.push(...wordBytes(edge));
  }
  return options;
}

function wordBytes(word: number): number[] {
  return [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255];
}

function encodeIcmp(packet: Packet): Uint8Array {
  const quoted = packet.quoted === null ? new Uint8Array(0) : encodePacket(packet.quoted);
  const bytes = new Uint8Array(8 + packet.payloadBytes + packet.quotedBytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, packet.icmpType);
  view.setUint8(1, packet.icmpCode);
  if (packet.quoted === null) {
    view.setUint16(4, packet.icmpId);
    view.setUint16(6, packet.icmpSequence);
  }
  bytes.set(quoted.subarray(0, packet.quotedBytes), 8);
  return bytes;
}

/** UDP, and whatever else begins with two ports or with bytes that nobody looks at. */
function encodePorts(packet: Packet): Uint8Array {
  const bytes = new Uint8Array(8 + packet.payloadBytes);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, packet.sourcePort);
  view.setUint16(2, packet.destinationPort);
  if (packet.protocol === Protocol.udp) view.setUint16(4, Math.min(bytes.byteLength, 0xffff));
  return bytes;
}

/** Where the checksum stands in each transport header. */
const checksumAt: Readonly<Record<number, number>> = {
  [Protocol.tcp]: 16,
  [Protocol.udp]: 6,
  [Protocol.icmp]: 2,
  [Protocol.icmpv6]: 2,
};

function writeChecksum(view: DataView, packet: Packet, start: number, transportBytes: number): void {
  const offset = checksumAt[packet.protocol];
  if (offset === undefined || transportBytes < offset + 2) return;
  const { family } = packet.source;
  const pseudo =
    packet.protocol === Protocol.icmp ? 0 : pseudoSum(view, family, packet.protocol, transportBytes);
  const right = foldChecksum(pseudo + sumWords(view, start, start + transportBytes));
  // 0 would mean that UDP has none.
  const written = right === 0 && packet.protocol === Protocol.udp ? 0xffff : right;
  view.setUint16(start + offset, packet.checksumValid ? written : written ^ 0x5555);
}
