import type { CaptureBuilder } from './capture.ts';
import { decodeFrame } from './decode-frame.ts';
import type { DecodeOptions } from './decode-packet.ts';

export interface PcapMagic {
  readonly littleEndian: boolean;
  /** ns in one unit of the fractional part of a time stamp. */
  readonly unitNs: bigint;
}

/** Larger records are no frames: the largest that libpcap writes (MAXIMUM_SNAPLEN, 256 KiB). */
export const recordBytesMax = 262_144;

/** The first four bytes of a pcap file (draft-ietf-opsawg-pcap); null for anything else. */
export function pcapMagic(view: DataView): PcapMagic | null {
  if (view.byteLength < 24) return null;
  for (const littleEndian of [true, false]) {
    const magic = view.getUint32(0, littleEndian);
    if (magic === 0xa1b2c3d4) return { littleEndian, unitNs: 1000n };
    if (magic === 0xa1b23c4d) return { littleEndian, unitNs: 1n };
  }
  return null;
}

/** Reads the records of a pcap file. */
export function readPcap(
  view: DataView,
  magic: PcapMagic,
  options: DecodeOptions,
  builder: CaptureBuilder,
): void {
  const { littleEndian, unitNs } = magic;
  // The upper bits say how long a frame check sequence is.
  const linkType = view.getUint32(20, littleEndian) & 0xffff;
  let at = 24;
  while (at < view.byteLength) {
    if (at + 16 > view.byteLength) {
      builder.fault('file-truncated');
      return;
    }
    const timeNs =
      BigInt(view.getUint32(at, littleEndian)) * 1_000_000_000n +
      BigInt(view.getUint32(at + 4, littleEndian)) * unitNs;
    const captured = view.getUint32(at + 8, littleEndian);
    const length = view.getUint32(at + 12, littleEndian);
    if (captured > recordBytesMax) {
      // Where the next record begins is not known any more.
      builder.record(timeNs, '', 'record-broken');
      return;
    }
    if (at + 16 + captured > view.byteLength) {
      builder.record(timeNs, '', 'file-truncated');
      return;
    }
    const frame = new DataView(view.buffer, view.byteOffset + at + 16, captured);
    builder.record(timeNs, '', decodeFrame(frame, length, linkType, options));
    at += 16 + captured;
  }
}
