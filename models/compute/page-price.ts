import type { TakeLimit } from './guest-memory.ts';
import { pageBytes } from './memory-access.ts';
import type { PageClass } from './page-class.ts';

/** What zlib at level 1 leaves of 4,096 zeros. */
const compressedZerosBytes = 41;

/**
 * Bytes on the wire for one page of the class. A compressor works on what it is given: data, and zero pages where
 * nobody looks for them. What grows when it is compressed goes as it is.
 */
export function pagePrice({ content, compressedShare }: PageClass, limit: TakeLimit): number {
  const { dataPageBytes, zeroPageBytes, compression } = limit;
  const found = content === 'zero' && zeroPageBytes < dataPageBytes;
  if (compression.kind === 'none' || found) return content === 'zero' ? zeroPageBytes : dataPageBytes;
  const left = content === 'zero' ? compressedZerosBytes : Math.ceil(pageBytes * compressedShare);
  return compression.headerBytes + Math.min(pageBytes, left);
}
