import { CaptureBuilder } from './capture.ts';
import type { Capture } from './capture.ts';
import type { DecodeOptions } from './decode-packet.ts';
import { readPcap, pcapMagic } from './read-pcap.ts';
import { isPcapng, readPcapng } from './read-pcapng.ts';

/**
 * Reads a capture, pcap (micro- or nanoseconds, either byte order) or pcapng; null when it is neither. What
 * cannot be read is counted under its cause, and never ends the reading of what follows if that can be found.
 */
export function readCapture(bytes: Uint8Array, options: DecodeOptions): Capture | null {
  const builder = new CaptureBuilder();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = pcapMagic(view);
  if (magic !== null) readPcap(view, magic, options, builder);
  else if (isPcapng(view)) readPcapng(view, options, builder);
  else return null;
  return builder.build();
}
