import type { CaptureBuilder } from './capture.ts';
import { decodeFrame } from './decode-frame.ts';
import type { DecodeOptions } from './decode-packet.ts';
import { recordBytesMax } from './read-pcap.ts';

const sectionHeader = 0x0a0d0d0a;
const byteOrderMagic = 0x1a2b3c4d;

/** Block types (draft-ietf-opsawg-pcapng, 11.1). */
const Block = { interface: 1, packet: 2, simplePacket: 3, enhancedPacket: 6 } as const;
const Option = { end: 0, interfaceName: 2, timeResolution: 9, timeOffset: 14 } as const;

interface Interface {
  readonly linkType: number;
  readonly snapBytes: number;
  readonly name: string;
  /** A time stamp counts units of 1 / unitsPerSecond. */
  readonly unitsPerSecond: bigint;
  readonly offsetSeconds: bigint;
}

export function isPcapng(view: DataView): boolean {
  return view.byteLength >= 12 && view.getUint32(0, true) === sectionHeader && byteOrder(view, 0) !== null;
}

/** Reads all sections of a pcapng file; each has a byte order and interfaces of its own. */
export function readPcapng(view: DataView, options: DecodeOptions, builder: CaptureBuilder): void {
  let littleEndian = true;
  let interfaces: Interface[] = [];
  let at = 0;
  while (at < view.byteLength) {
    if (at + 12 > view.byteLength) {
      builder.fault('file-truncated');
      return;
    }
    const isSection = view.getUint32(at, true) === sectionHeader;
    if (isSection) {
      const order = byteOrder(view, at);
      if (order === null) {
        builder.fault('record-broken');
        return;
      }
      littleEndian = order;
      interfaces = [];
    }
    const total = view.getUint32(at + 4, littleEndian);
    if (total < 12 || total % 4 !== 0) {
      builder.fault('record-broken');
      return;
    }
    if (at + total > view.byteLength) {
      builder.fault('file-truncated');
      return;
    }
    // The length stands at both ends of a block. Where they differ the first one leads on.
    if (view.getUint32(at + total - 4, littleEndian) !== total) builder.fault('record-broken');
    const body = new DataView(view.buffer, view.byteOffset + at + 8, total - 12);
    if (!isSection)
      readBlock(view.getUint32(at, littleEndian), { body, littleEndian, interfaces }, options, builder);
    at += total;
  }
}

/** Whether the section that begins at `at` is little-endian; null when it has no byte-order magic. */
function byteOrder(view: DataView, at: number): boolean | null {
  if (view.getUint32(at + 8, true) === byteOrderMagic) return true;
  return view.getUint32(at + 8, false) === byteOrderMagic ? false : null;
}

interface BlockBody {
  readonly body: DataView;
  readonly littleEndian: boolean;
  readonly interfaces: Interface[];
}

function readBlock(type: number, block: BlockBody, options: DecodeOptions, builder: CaptureBuilder): void {
  switch (type) {
    case Block.interface: {
      const described = readInterface(block);
      if (described === null) builder.fault('record-broken');
      else block.interfaces.push(described);
      return;
    }
    case Block.enhancedPacket:
    case Block.packet:
      readPacketBlock(type, block, options, builder);
      return;
    case Block.simplePacket:
      readSimplePacket(block, options, builder);
      return;
    default:
    // Name resolution, statistics, custom blocks: nothing of theirs is a packet.
  }
}

function readInterface({ body, littleEndian }: BlockBody): Interface | null {
  if (body.byteLength < 8) return null;
  let name = '';
  let unitsPerSecond = 1_000_000n;
  let offsetSeconds = 0n;
  for (const { code, value } of optionsFrom(body, 8, littleEndian)) {
    if (code === Option.interfaceName) name = new TextDecoder().decode(value);
    else if (code === Option.timeResolution && value.byteLength >= 1) {
      const exponent = value.getUint8(0) & 0x7f;
      // Beyond these no clock counts; 2^64 units would not fit a time stamp.
      if (exponent > 63) return null;
      unitsPerSecond = (value.getUint8(0) & 0x80) === 0 ? 10n ** BigInt(exponent) : 2n ** BigInt(exponent);
    } else if (code === Option.timeOffset && value.byteLength >= 8) {
      offsetSeconds = value.getBigInt64(0, littleEndian);
    }
  }
  const linkType = body.getUint16(0, littleEndian);
  const snapBytes = body.getUint32(4, littleEndian);
  return { linkType, snapBytes, name, unitsPerSecond, offsetSeconds };
}

function* optionsFrom(
  body: DataView,
  start: number,
  littleEndian: boolean,
): Generator<{ code: number; value: DataView }> {
  let at = start;
  while (at + 4 <= body.byteLength) {
    const code = body.getUint16(at, littleEndian);
    const length = body.getUint16(at + 2, littleEndian);
    if (code === Option.end || at + 4 + length > body.byteLength) return;
    yield { code, value: new DataView(body.buffer, body.byteOffset + at + 4, length) };
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
}

/** Enhanced packet blocks, and the obsolete ones, whose interface takes 16 bits. */
function readPacketBlock(
  type: number,
  { body, littleEndian, interfaces }: BlockBody,
  options: DecodeOptions,
  builder: CaptureBuilder,
): void {
  if (body.byteLength < 20) {
    builder.fault('record-broken');
    return;
  }
  const number = type === Block.packet ? body.getUint16(0, littleEndian) : body.getUint32(0, littleEndian);
  const description = interfaces[number];
  const units = (BigInt(body.getUint32(4, littleEndian)) << 32n) | BigInt(body.getUint32(8, littleEndian));
  if (description === undefined) {
    builder.record(null, '', 'interface-unknown');
    return;
  }
  const { unitsPerSecond, offsetSeconds, name, linkType } = description;
  const timeNs = (units * 1_000_000_000n) / unitsPerSecond + offsetSeconds * 1_000_000_000n;
  const captured = body.getUint32(12, littleEndian);
  if (captured > recordBytesMax || 20 + captured > body.byteLength) {
    builder.record(timeNs, name, 'record-broken');
    return;
  }
  const frame = new DataView(body.buffer, body.byteOffset + 20, captured);
  builder.record(timeNs, name, decodeFrame(frame, body.getUint32(16, littleEndian), linkType, options));
}

/** A packet without a time stamp, always of the first interface. */
function readSimplePacket(
  { body, littleEndian, interfaces }: BlockBody,
  options: DecodeOptions,
  builder: CaptureBuilder,
): void {
  const description = interfaces[0];
  if (description === undefined || body.byteLength < 4) {
    builder.record(null, '', description === undefined ? 'interface-unknown' : 'record-broken');
    return;
  }
  const length = body.getUint32(0, littleEndian);
  const snapped = description.snapBytes === 0 ? length : Math.min(length, description.snapBytes);
  const captured = Math.min(snapped, body.byteLength - 4);
  const frame = new DataView(body.buffer, body.byteOffset + 4, captured);
  builder.record(null, description.name, decodeFrame(frame, length, description.linkType, options));
}
