import { assert } from '../../sim/assert.ts';
import type { Stream } from '../../sim/random.ts';
import type { GuestClock } from './guest-clock.ts';
import type { GuestHabits, GuestMemory, ScanOrder, TakeLimit, TakenPages } from './guest-memory.ts';
import type { Pacing, Resumption } from './memory-access.ts';
import type { PageClass } from './page-class.ts';
import { writesUntil } from './page-class.ts';
import { pagePrice } from './page-price.ts';

const pending = 1;
const dirtied = 2;
const zero = 4;
const ballooned = 8;
const taken = 16;

/**
 * Guest memory with a state for each page. The k-th write of a class hits a page that depends on k alone, so
 * that two schemes see the same guest however often they look at it.
 */
export class ExactGuestMemory implements GuestMemory {
  readonly pages: number;
  readonly pacing: Pacing;
  private readonly classes: readonly PageClass[];
  private readonly firstPages: readonly number[];
  private readonly resumption: Resumption;
  private readonly clock: GuestClock;
  private readonly chance: Stream;
  private readonly flags: Uint8Array;
  /** Writes of each class that are already in the log. */
  private readonly written: Float64Array;
  private pendingCount = 0;
  private dirtiedCount = 0;
  /** Where the scan goes on, as a position in scan order; a stride turns positions into pages. */
  private position = 0;
  private stride = 1;

  constructor(classes: readonly PageClass[], habits: GuestHabits, clock: GuestClock, chance: Stream) {
    this.classes = classes;
    this.pacing = habits.pacing;
    this.resumption = habits.resumption;
    this.clock = clock;
    this.chance = chance;
    const firstPages: number[] = [];
    let total = 0;
    let sendable = 0;
    for (const { pages, content } of classes) {
      firstPages.push(total);
      total += pages;
      if (content !== 'ballooned') sendable += pages;
    }
    this.firstPages = firstPages;
    this.pages = sendable;
    this.flags = new Uint8Array(total);
    classes.forEach(({ pages, content }, i) => {
      const flag = content === 'zero' ? zero : content === 'ballooned' ? ballooned : 0;
      const first = firstPages[i]!;
      this.flags.fill(flag, first, first + pages);
    });
    this.written = new Float64Array(classes.length);
  }

  get pendingPages(): number {
    return this.pendingCount;
  }

  trackAll(order: ScanOrder): void {
    const { flags } = this;
    for (let page = 0; page < flags.length; page++) {
      const kind = flags[page]! & (zero | ballooned);
      flags[page] = kind === ballooned ? ballooned : kind | pending;
    }
    this.pendingCount = this.pages;
    this.dirtiedCount = 0;
    this.position = 0;
    this.stride = order === 'linear' ? 1 : scatteringStride(flags.length);
    this.classes.forEach((pageClass, i) => {
      this.written[i] = Math.floor(writesUntil(pageClass.writing, this.clock.guestNs));
    });
  }

  rewind(): void {
    this.position = 0;
  }

  sync(): number {
    this.catchUp();
    if (this.dirtiedCount === 0) return 0;
    const { flags } = this;
    let added = 0;
    for (let page = 0; page < flags.length; page++) {
      const flag = flags[page]!;
      if ((flag & dirtied) === 0) continue;
      if ((flag & pending) === 0) added++;
      flags[page] = (flag & ~dirtied) | pending;
    }
    this.pendingCount += added;
    this.dirtiedCount = 0;
    return added;
  }

  dirtiedPages(): number {
    this.catchUp();
    return this.dirtiedCount;
  }

  take(limit: TakeLimit): TakenPages {
    if (limit.skipDirtied) this.catchUp();
    const { flags, stride } = this;
    const { bytesMax, skipDirtied } = limit;
    let left = Math.min(limit.pagesMax, this.pendingCount);
    let dataPages = 0;
    let zeroPages = 0;
    let firstPages = 0;
    let skippedPages = 0;
    let bytes = 0;
    let position = this.position;
    while (left > 0 && bytes <= bytesMax) {
      const page = stride === 1 ? position : (position * stride) % flags.length;
      position = position + 1 === flags.length ? 0 : position + 1;
      const flag = flags[page]!;
      if ((flag & pending) === 0) continue;
      flags[page] = (flag & ~pending) | taken;
      this.pendingCount--;
      if (skipDirtied && (flag & dirtied) !== 0) {
        skippedPages++;
        flags[page] = flag & ~pending;
        left = Math.min(left, this.pendingCount);
        continue;
      }
      left--;
      if ((flag & zero) !== 0) {
        zeroPages++;
      } else {
        dataPages++;
        if ((flag & taken) === 0) firstPages++;
      }
      bytes += this.price(page, (flag & zero) !== 0, limit);
    }
    this.position = position;
    return { dataPages, zeroPages, firstPages, skippedPages, bytes };
  }

  touch(index: number): 'missing' | 'there' | 'done' {
    const page = this.neededPage(index);
    if (page === null) return 'done';
    const flag = this.flags[page]!;
    if ((flag & pending) === 0) return 'there';
    this.flags[page] = (flag & ~pending) | taken;
    this.pendingCount--;
    return 'missing';
  }

  /** Bytes on the wire for the page; delta compression takes over from plain compression once it has begun. */
  private price(page: number, zeros: boolean, limit: TakeLimit): number {
    const { delta, compression } = limit;
    if (compression.kind !== 'none' && delta?.enabled !== true) {
      const own = this.firstPages.findLastIndex((first) => first <= page);
      return pagePrice(this.classes[own]!, limit);
    }
    if (zeros) return limit.zeroPageBytes;
    return delta === null ? limit.dataPageBytes : delta.encode(page);
  }

  /** The pages that a resuming guest needs: its first ones, drawn ones, then those that it goes on writing. */
  private neededPage(index: number): number | null {
    const { firstPages, drawnPages, drawnFrom, writingNs } = this.resumption;
    if (index < firstPages) return index;
    const drawn = index - firstPages;
    if (drawn < drawnPages)
      return Math.floor(this.chance.uniform2(1, drawn) * Math.min(drawnFrom, this.flags.length));
    let write = drawn - drawnPages;
    for (const [i, { pages, writing }] of this.classes.entries()) {
      const from = this.written[i]!;
      const writes = Math.floor(writesUntil(writing, this.clock.guestNs + writingNs)) - from;
      if (writing.kind !== 'random' || writes <= 0) continue;
      if (write < writes) return this.firstPages[i]! + this.writtenPage(i, from + write, pages);
      write -= writes;
    }
    return null;
  }

  private writtenPage(classIndex: number, write: number, pages: number): number {
    return Math.floor(this.chance.uniform(write * this.classes.length + classIndex) * pages);
  }

  /** Enters into the log what the guest has written since it was last looked at. */
  private catchUp(): void {
    const guestNs = this.clock.guestNs;
    this.classes.forEach((pageClass, i) => {
      const from = this.written[i]!;
      const to = Math.floor(writesUntil(pageClass.writing, guestNs));
      assert(to >= from, 'guest time does not run back');
      if (to === from) return;
      this.written[i] = to;
      this.write(pageClass, i, from, to);
    });
  }

  private write({ pages, writing }: PageClass, index: number, from: number, to: number): void {
    const first = this.firstPages[index]!;
    if (writing.kind === 'random' && to - from < certainWrites(pages)) {
      for (let write = from; write < to; write++) {
        this.mark(first + this.writtenPage(index, write, pages));
      }
    } else if (writing.kind === 'sweep' && to - from < pages) {
      for (let write = from; write < to; write++) this.mark(first + ((writing.startPage + write) % pages));
    } else {
      for (let page = first; page < first + pages; page++) this.mark(page);
    }
  }

  private mark(page: number): void {
    const flag = this.flags[page]!;
    if ((flag & (dirtied | ballooned)) !== 0) return;
    this.flags[page] = flag | dirtied;
    this.dirtiedCount++;
  }
}

/** After this many random writes, a page that none of them hit has a probability below e^-30. */
function certainWrites(pages: number): number {
  return pages * (Math.log(pages) + 30);
}

/** A stride coprime to the number of pages, near its golden section: it visits each page once, well spread. */
function scatteringStride(pages: number): number {
  let stride = Math.max(1, Math.round(pages * 0.6180339887));
  while (greatestCommonDivisor(stride, pages) !== 1) stride++;
  return stride;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
