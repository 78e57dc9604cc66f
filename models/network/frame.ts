import type { Simulation } from '../../sim/simulation.ts';
import type { Address } from './address.ts';
import { packetBytes, type Packet } from './packet.ts';

/** A 48-bit MAC address as a number. Those of a network are given out one by one from 1 on: tables have a row for each. */
export type Mac = number;

/** The all-ones address: every port of a switch but the incoming one. */
export const broadcastMac: Mac = 0xffffffffffff;

/**
 * How a host says where an address lives now: a reverse ARP request (what QEMU sends), a gratuitous ARP reply
 * (Clark et al., NSDI 2005, 3.3), or an unsolicited neighbour advertisement (RFC 4861, 7.2.6).
 */
export type AnnouncementKind = 'rarp' | 'gratuitous-arp' | 'neighbour-advertisement';

/** What travels over a link: a packet, or an announcement, never both. A class for the reasons for which {@link Packet} is one. */
export class Frame {
  readonly sourceMac: Mac;
  readonly destinationMac: Mac;
  /** Null in an announcement. */
  readonly packet: Packet | null;
  /** Null in a packet's frame. */
  readonly announcement: Announcement | null;
  /** Outer headers that each Ethernet frame of the packet carries inside a tunnel; 0 outside. */
  readonly tunnelBytes: number;
  /**
   * When the last Ethernet frame of its packet is here, where only the first is: on its way through a switch. Null, or
   * a time that has passed, when all are.
   */
  readonly wholeNs: number | null;

  constructor(
    sourceMac: Mac,
    destinationMac: Mac,
    packet: Packet | null,
    announcement: Announcement | null,
    tunnelBytes: number,
    wholeNs: number | null,
  ) {
    this.sourceMac = sourceMac;
    this.destinationMac = destinationMac;
    this.packet = packet;
    this.announcement = announcement;
    this.tunnelBytes = tunnelBytes;
    this.wholeNs = wholeNs;
  }
}

export interface Announcement {
  readonly kind: AnnouncementKind;
  /** The address that is announced; a RARP names only the MAC, so switches learn and peers do not. */
  readonly address: Address;
}

/** Anything that takes frames: a link, a switch port, a host's interface. */
export interface FrameSink {
  send(frame: Frame): void;
}

/**
 * Hands the frame on when its packet is whole: at once, or with its last Ethernet frame. So does receive offload in a
 * machine, which joins what came of a packet before bridge, filter and endpoint see it (Linux, net/core/gro.c).
 */
export function takeWhole(simulation: Simulation, frame: Frame, take: (frame: Frame) => void): void {
  const leftNs = wholeInNs(frame, simulation.nowNs);
  if (leftNs === 0) take(frame);
  else simulation.schedule(leftNs, take, frame);
}

/** How long until the last Ethernet frame of a packet has come; 0 when all are here. */
export function wholeInNs({ wholeNs }: Frame, nowNs: number): number {
  return wholeNs === null || wholeNs <= nowNs ? 0 : wholeNs - nowNs;
}

/** Largest IP packet of an Ethernet frame, in bytes (IEEE 802.3). */
export const mtuBytes = 1500;

/** Header 14, checksum 4, preamble 8 and gap 12 bytes: what each Ethernet frame takes beside its IP packet (IEEE 802.3). */
export const frameOverheadBytes = 38;

/** What a full Ethernet frame takes outside tunnels; a packet that takes more is more than one. */
export const oneFrameBytesMax = mtuBytes + frameOverheadBytes;

/** Smallest IP packet that fills an Ethernet frame's 46 bytes of payload. */
const payloadBytesMin = 46;

/** A frame that carries a packet. */
export function packetFrame(packet: Packet, sourceMac: Mac, destinationMac: Mac): Frame {
  return new Frame(sourceMac, destinationMac, packet, null, 0, null);
}

/** A frame that carries a packet from one tunnel end to another. */
export function tunnelFrame(packet: Packet, sourceMac: Mac, destinationMac: Mac, tunnelBytes: number): Frame {
  return new Frame(sourceMac, destinationMac, packet, null, tunnelBytes, null);
}

/** The same frame when its first Ethernet frame has come and the last one will at `wholeNs`. */
export function frameUnderWay(
  { sourceMac, destinationMac, packet, tunnelBytes }: Frame,
  wholeNs: number,
): Frame {
  return new Frame(sourceMac, destinationMac, packet, null, tunnelBytes, wholeNs);
}

/** A whole packet in the place of the one that a frame carries. */
export function frameOf(packet: Packet, { sourceMac, destinationMac, tunnelBytes }: Frame): Frame {
  return new Frame(sourceMac, destinationMac, packet, null, tunnelBytes, null);
}

/** A broadcast frame that announces where `sourceMac` is. */
export function announcementFrame(kind: AnnouncementKind, sourceMac: Mac, address: Address): Frame {
  const announcement = { kind, address };
  return new Frame(sourceMac, broadcastMac, null, announcement, 0, null);
}

/** How many Ethernet frames the wire sees: a segmentation-offload packet of up to 64 KiB becomes many. */
export function wireFrames(frame: Frame): number {
  return frame.packet === null ? 1 : packetFrames(frame.packet);
}

/** How many Ethernet frames carry the packet. */
export function packetFrames(packet: Packet): number {
  const bytes = packetBytes(packet);
  if (bytes <= mtuBytes) return 1;
  const headers = bytes - packet.payloadBytes;
  return Math.ceil(packet.payloadBytes / (mtuBytes - headers));
}

/** Payload that one full Ethernet frame of the packet carries. */
export function framePayloadBytes(packet: Packet): number {
  return mtuBytes - (packetBytes(packet) - packet.payloadBytes);
}

/** Bytes that the frame takes on the wire, headers and gaps of all its Ethernet frames included. */
export function wireBytes(frame: Frame): number {
  const packet = frame.packet;
  if (packet === null) return announcementBytes(frame) + frameOverheadBytes;
  const bytes = packetBytes(packet);
  const outerBytes = frame.tunnelBytes + frameOverheadBytes;
  if (bytes <= mtuBytes) return Math.max(bytes, payloadBytesMin) + outerBytes;
  const headers = bytes - packet.payloadBytes;
  const frames = Math.ceil(packet.payloadBytes / (mtuBytes - headers));
  const lastBytes = bytes - (frames - 1) * (mtuBytes - headers);
  const paddingBytes = Math.max(0, payloadBytesMin - lastBytes);
  return packet.payloadBytes + frames * (headers + outerBytes) + paddingBytes;
}

/**
 * An ARP or RARP packet of 28 bytes is padded (RFC 826, RFC 903); a neighbour advertisement has an IPv6 header, 24
 * bytes and the link-layer address option of 8 (RFC 4861, 4.4 and 4.6.1).
 */
function announcementBytes({ announcement }: Frame): number {
  return announcement?.kind === 'neighbour-advertisement' ? 40 + 24 + 8 : payloadBytesMin;
}
