import type { DeltaEncoder } from '../../compute/guest-memory.ts';
import type { DeltaPlan, WireFormat } from './memory-plan.ts';

/** A cached page that was used within so many readings of the log is not replaced (CACHED_PAGE_LIFETIME). */
const lifetimeReadings = 2;
/**
 * A guest kernel hands out memory in blocks of up to 4 MiB, in no order of their addresses, so that pages of one
 * working set meet each other in a direct-mapped cache even when all would fit. Within 128 MiB here.
 */
const blockPages = 1024;
const areaBlocks = 32;
/** Page header, encoding flag, encoded length; then two run lengths (migration/ram.c, xbzrle.c, 7.2). */
const encodingBytes = 8 + 1 + 2 + 2;

/**
 * QEMU's delta compression. A page that is in the direct-mapped cache is sent as what changed; one that is not
 * is sent in full and enters the cache, unless a page in use holds its place. Nothing is compressed, and nothing
 * cached, before the first full pass has ended; nothing is cached in the stop phase.
 */
export class XbzrleCache implements DeltaEncoder {
  enabled = false;
  lastStage = false;
  /** Readings of the dirty log so far: the cache's clock. */
  readings = 0;
  private readonly pages: Float64Array;
  private readonly used: Float64Array;
  private readonly deltaBytes: number;
  private readonly fullBytes: number;

  constructor(plan: Extract<DeltaPlan, { kind: 'xbzrle' }>, wire: WireFormat) {
    this.pages = new Float64Array(plan.cachePages).fill(-1);
    this.used = new Float64Array(plan.cachePages);
    this.fullBytes = wire.dataPageBytes;
    this.deltaBytes = Math.min(wire.dataPageBytes, encodingBytes + plan.changedBytes);
  }

  encode(page: number): number {
    if (!this.enabled) return this.fullBytes;
    const place = this.placeOf(page);
    if (this.pages[place] === page) {
      this.used[place] = this.readings;
      return this.deltaBytes;
    }
    const free = this.pages[place] === -1 || this.used[place]! + lifetimeReadings <= this.readings;
    if (free && !this.lastStage) {
      this.pages[place] = page;
      this.used[place] = this.readings;
    }
    return this.fullBytes;
  }

  private placeOf(page: number): number {
    const block = Math.floor(page / blockPages);
    const area = block - (block % areaBlocks);
    const address = (area + blockAddresses[block % areaBlocks]!) * blockPages + (page % blockPages);
    return address % this.pages.length;
  }
}

/** Blocks in the order of an integer hash (Knuth's multiplicative one): an arbitrary order, always the same. */
const blockAddresses = Array.from({ length: areaBlocks }, (_, block) => block).sort(
  (a, b) => hash(a) - hash(b),
);

function hash(block: number): number {
  return Math.imul(block + 1, 2_654_435_761) >>> 0;
}
