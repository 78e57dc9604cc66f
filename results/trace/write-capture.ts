import type { Packet } from '../../models/network/packet.ts';
import { LinkType } from '../../scenarios/capture/decode-frame.ts';
import { encodeFrame } from './encode-frame.ts';
import type { WrittenFrame } from './encode-frame.ts';
import { encodePacket } from './encode-packet.ts';

/** When and where something was seen, and what is to be said about it. */
interface Traced {
  /** Since 1970; simulated time begins there too. */
  readonly timeNs: bigint;
  readonly interface: string;
  /** Shown by Wireshark as the packet's comment; empty for none. */
  readonly comment: string;
  /** Whether the interface received or sent it, where that is known. */
  readonly direction?: 'in' | 'out';
}

/** A packet to be written without the frame that carried it. */
export interface TracedPacket extends Traced {
  readonly packet: Packet;
}

/** A frame to be written. */
export interface TracedFrame extends Traced {
  readonly frame: WrittenFrame;
}

/** Bytes of each packet that are kept: the payload is zeros. */
const snapBytes = 256;

/** A pcap file of raw IP packets with time stamps in nanoseconds (draft-ietf-opsawg-pcap). */
export function writePcap(packets: Iterable<TracedPacket>): Uint8Array {
  const bytes = new ByteList();
  bytes.words(0xa1b23c4d, 0x0004_0002, 0, 0, snapBytes, LinkType.raw);
  for (const { timeNs, packet } of packets) {
    const data = encodePacket(packet);
    const kept = data.subarray(0, snapBytes);
    bytes.words(
      Number(timeNs / 1_000_000_000n),
      Number(timeNs % 1_000_000_000n),
      kept.byteLength,
      data.byteLength,
    );
    bytes.bytes(kept);
  }
  return bytes.join();
}

/**
 * A pcapng file with one interface per name and the comments on their packets (draft-ietf-opsawg-pcapng). Packets
 * follow the four bytes of a loopback header: tcpdump with libpcap 1.10.3 refuses a second interface of raw IP,
 * whose link type it calls otherwise than the file does.
 */
export function writePcapng(packets: Iterable<TracedPacket>): Uint8Array {
  return writeBlocks(packets, LinkType.openLoopback, ({ packet }) => loopbackFrame(packet));
}

/** The same of Ethernet frames, announcements among them. */
export function writeFrames(frames: Iterable<TracedFrame>): Uint8Array {
  return writeBlocks(frames, LinkType.ethernet, ({ frame }) => encodeFrame(frame));
}

function writeBlocks<T extends Traced>(
  list: Iterable<T>,
  linkType: number,
  encode: (traced: T) => Uint8Array,
): Uint8Array {
  const bytes = new ByteList();
  const interfaces = new Map<string, number>();
  bytes.block(0x0a0d0d0a, [words(0x1a2b3c4d, 0x0000_0001, 0xffff_ffff, 0xffff_ffff)]);
  for (const traced of list) {
    const { timeNs, interface: name, comment, direction } = traced;
    const known = interfaces.get(name);
    const number = known ?? interfaces.size;
    if (known === undefined) {
      interfaces.set(name, number);
      const named = name === '' ? [] : [option(2, new TextEncoder().encode(name))];
      // Time stamps count nanoseconds: 10^-9 s.
      bytes.block(1, [words(linkType, snapBytes), ...named, option(9, Uint8Array.of(9)), words(0)]);
    }
    const data = encode(traced);
    const kept = data.subarray(0, snapBytes);
    const stamp = words(
      number,
      Number(timeNs >> 32n),
      Number(timeNs & 0xffff_ffffn),
      kept.byteLength,
      data.byteLength,
    );
    bytes.block(6, [stamp, padded(kept), ...remarks(comment, direction)]);
  }
  return bytes.join();
}

/** The options of a packet: its comment, and epb_flags, whose lowest bits say received (1) or sent (2). */
function remarks(comment: string, direction: TracedPacket['direction']): Uint8Array[] {
  const options = [
    ...(comment === '' ? [] : [option(1, new TextEncoder().encode(comment).subarray(0, 0xffff))]),
    ...(direction === undefined ? [] : [option(2, words(direction === 'in' ? 1 : 2))]),
  ];
  return options.length === 0 ? [] : [...options, words(0)];
}

/** The packet behind its address family in network byte order: 2, or 24 for IPv6. */
function loopbackFrame(packet: Packet): Uint8Array {
  const data = encodePacket(packet);
  const frame = new Uint8Array(4 + data.byteLength);
  frame[3] = packet.source.family === 4 ? 2 : 24;
  frame.set(data, 4);
  return frame;
}

/** Parts of a file, little-endian. */
class ByteList {
  private readonly parts: Uint8Array[] = [];
  private length = 0;

  bytes(part: Uint8Array): void {
    this.parts.push(part);
    this.length += part.byteLength;
  }

  words(...values: readonly number[]): void {
    this.bytes(words(...values));
  }

  /** A pcapng block: type, length, body, and the length again. */
  block(type: number, body: readonly Uint8Array[]): void {
    const length = 12 + body.reduce((sum, part) => sum + part.byteLength, 0);
    this.words(type, length);
    for (const part of body) this.bytes(part);
    this.words(length);
  }

  join(): Uint8Array {
    const all = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.parts) {
      all.set(part, at);
      at += part.byteLength;
    }
    return all;
  }
}

function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setUint32(4 * i, value, true));
  return bytes;
}

function option(code: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + paddedLength(value.byteLength));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, code, true);
  view.setUint16(2, value.byteLength, true);
  bytes.set(value, 4);
  return bytes;
}

function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(paddedLength(bytes.byteLength));
  whole.set(bytes);
  return whole;
}

function paddedLength(length: number): number {
  return (length + 3) & ~3;
}
