import type { Problem } from '../../sim/assert.ts';
import { ScenarioError } from '../../sim/assert.ts';
import type { Stream } from '../../sim/random.ts';
import { binomial } from './binomial.ts';
import type { GuestClock } from './guest-clock.ts';
import type { GuestHabits, GuestMemory, ScanOrder, TakeLimit, TakenPages } from './guest-memory.ts';
import type { Pacing, Resumption } from './memory-access.ts';
import type { PageClass } from './page-class.ts';
import { writesUntil } from './page-class.ts';
import { pagePrice } from './page-price.ts';

/** A stretch of one class, between two pages, whose pages are all equally likely to be pending. */
interface Cell {
  readonly classIndex: number;
  from: number;
  to: number;
  pending: number;
  /** Whether its pages have been taken before. */
  taken: boolean;
}

/** The log of one class: what has been written since the last `sync`. */
interface ClassLog {
  readonly pageClass: PageClass;
  /** Writes seen by the last `sync`, and by now. */
  synced: number;
  written: number;
  draws: number;
}

/**
 * Guest memory as counts per page class. Where pages are written at random, whether a page is in the log does
 * not depend on its place, so the log is one number a class; what is pending does depend on the place, since
 * the scan stops anywhere, so it is kept in cells that the scan and the sweeping writers split.
 *
 * With `chance` counts are whole and drawn (binomial); without, they are means and may be fractions.
 */
export class AggregatedGuestMemory implements GuestMemory {
  readonly pages: number;
  readonly pacing: Pacing;
  private readonly logs: readonly ClassLog[];
  private readonly resumption: Resumption;
  private readonly clock: GuestClock;
  private readonly chance: Stream | null;
  private cells: Cell[] = [];
  /** The cell with which the scan goes on, from its first page. */
  private cursor = 0;
  private order: ScanOrder = 'linear';

  constructor(classes: readonly PageClass[], habits: GuestHabits, clock: GuestClock, chance: Stream | null) {
    this.pacing = habits.pacing;
    this.resumption = habits.resumption;
    this.clock = clock;
    this.chance = chance;
    this.logs = classes.map((pageClass) => ({ pageClass, synced: 0, written: 0, draws: 0 }));
    this.pages = classes.reduce((sum, { pages, content }) => sum + (content === 'ballooned' ? 0 : pages), 0);
  }

  get pendingPages(): number {
    let pending = 0;
    for (const cell of this.cells) pending += cell.pending;
    return pending;
  }

  trackAll(order: ScanOrder): void {
    this.order = order;
    this.cursor = 0;
    this.cells = this.logs.map(({ pageClass: { pages, content } }, classIndex) => ({
      classIndex,
      from: 0,
      to: pages,
      pending: content === 'ballooned' ? 0 : pages,
      taken: false,
    }));
    this.catchUp();
    for (const log of this.logs) log.synced = log.written;
  }

  rewind(): void {
    this.cursor = 0;
  }

  sync(): number {
    this.catchUp();
    this.splitAtLogEdges();
    let added = 0;
    for (const cell of this.cells) {
      const log = this.logs[cell.classIndex]!;
      if (log.written === log.synced) continue;
      const clean = cell.to - cell.from - cell.pending;
      const newlyPending = this.share(log, clean, logged(log, cell));
      cell.pending += newlyPending;
      added += newlyPending;
    }
    for (const log of this.logs) log.synced = log.written;
    this.mergeCells();
    return added;
  }

  dirtiedPages(): number {
    this.catchUp();
    this.splitAtLogEdges();
    let dirtied = 0;
    for (const cell of this.cells) {
      dirtied += (cell.to - cell.from) * logged(this.logs[cell.classIndex]!, cell);
    }
    return this.chance === null ? dirtied : Math.round(dirtied);
  }

  take(limit: TakeLimit): TakenPages {
    if (limit.delta !== null) throw new ScenarioError([needsPages]);
    if (limit.skipDirtied) {
      this.catchUp();
      this.splitAtLogEdges();
    }
    const taken = new Tally(limit);
    if (this.order === 'random') this.takeEverywhere(taken);
    else this.takeInOrder(taken);
    return taken.pages;
  }

  /** Without single pages: every n-th touch misses, where one in n pages is pending. */
  touch(index: number): 'missing' | 'there' | 'done' {
    const { firstPages, drawnPages } = this.resumption;
    if (index >= firstPages + drawnPages) return 'done';
    const share = this.pendingPages / this.pages;
    const misses = Math.floor((index + 1) * share) > Math.floor(index * share);
    const cell = this.cells.find(({ pending }) => pending >= 1);
    if (!misses || cell === undefined) return 'there';
    cell.pending--;
    return 'missing';
  }

  private takeInOrder(taken: Tally): void {
    // After a full circle the scan stands where it took something last.
    let next = this.cursor;
    // The cell in which the scan starts can be met twice: its beginning was split off on the way.
    for (let visits = 0; visits <= this.cells.length && taken.open; visits++) {
      const cell = this.cells[this.cursor]!;
      const pending = cell.pending > 0;
      if (pending && !this.takeCell(cell, taken)) return;
      this.cursor = this.cursor + 1 >= this.cells.length ? 0 : this.cursor + 1;
      if (pending) next = this.cursor;
    }
    this.cursor = next;
  }

  /** Takes the pending pages of the cell, or splits it where the limit is reached and returns false. */
  private takeCell(cell: Cell, taken: Tally): boolean {
    const log = this.logs[cell.classIndex]!;
    const skipped = taken.limit.skipDirtied ? this.share(log, cell.pending, logged(log, cell)) : 0;
    const sendable = cell.pending - skipped;
    const room = taken.room(log.pageClass);
    if (sendable <= room) {
      taken.add(cell, log, sendable, skipped);
      cell.pending = 0;
      cell.taken = true;
      return true;
    }
    const share = room / sendable;
    const skippedNow = this.whole(skipped * share);
    taken.add(cell, log, room, skippedNow);
    const rest = cell.pending - room - skippedNow;
    const exact = cell.from + (cell.to - cell.from) * share;
    const middle = this.chance === null ? exact : Math.round(exact);
    this.leaveBehind(Math.min(middle, cell.to - rest), rest);
    return false;
  }

  /** The scan stops within its cell, at `page`, with `rest` pages still pending after it. */
  private leaveBehind(page: number, rest: number): void {
    const cell = this.cells[this.cursor]!;
    const before = this.cells[this.cursor - 1];
    const joins = before?.classIndex === cell.classIndex && before.pending === 0 && before.taken;
    // The cell before grows, so that a scan in many small steps leaves one cell behind and not one a step.
    if (joins) {
      before.to = page;
      cell.from = page;
    } else {
      this.split(this.cursor, page);
      cell.pending = 0;
      cell.taken = true;
      this.cursor++;
    }
    this.cells[this.cursor]!.pending = rest;
  }

  /** A scattered scan meets the cells in proportion to what they hold. */
  private takeEverywhere(taken: Tally): void {
    const { limit } = taken;
    const plan = this.cells.map((cell) => {
      const log = this.logs[cell.classIndex]!;
      const sendable = cell.pending * (limit.skipDirtied ? 1 - logged(log, cell) : 1);
      return { cell, log, sendable };
    });
    const pages = plan.reduce((sum, { sendable }) => sum + sendable, 0);
    const bytes = plan.reduce(
      (sum, { sendable, log }) => sum + sendable * pagePrice(log.pageClass, limit),
      0,
    );
    const share = Math.min(1, limit.pagesMax / pages, limit.bytesMax / bytes);
    for (const { cell, log } of plan) {
      const met = share === 1 ? cell.pending : this.whole(cell.pending * share);
      const skipped = limit.skipDirtied ? this.share(log, met, logged(log, cell)) : 0;
      taken.add(cell, log, met - skipped, skipped);
      cell.pending -= met;
      if (cell.pending === 0) cell.taken = true;
    }
  }

  /** How many of `count` pages have a property that each has with this probability. */
  private share(log: ClassLog, count: number, probability: number): number {
    if (this.chance === null) return count * probability;
    if (probability <= 0 || count === 0) return 0;
    if (probability >= 1) return count;
    const index = log.draws++;
    return binomial(this.chance.uniform2(this.logs.indexOf(log), index), count, probability);
  }

  private whole(count: number): number {
    return this.chance === null ? count : Math.round(count);
  }

  private catchUp(): void {
    const guestNs = this.clock.guestNs;
    for (const log of this.logs) log.written = Math.floor(writesUntil(log.pageClass.writing, guestNs));
  }

  /** A sweeping writer has written a stretch of its class: afterwards each cell lies inside or outside it. */
  private splitAtLogEdges(): void {
    for (const [classIndex, log] of this.logs.entries()) {
      const { writing, pages } = log.pageClass;
      if (writing.kind !== 'sweep' || log.written === log.synced) continue;
      this.splitClassAt(classIndex, (writing.startPage + log.synced) % pages);
      this.splitClassAt(classIndex, (writing.startPage + log.written) % pages);
    }
  }

  private splitClassAt(classIndex: number, page: number): void {
    const index = this.cells.findIndex(
      (cell) => cell.classIndex === classIndex && cell.from < page && page < cell.to,
    );
    if (index < 0) return;
    const { from, to, pending } = this.cells[index]!;
    this.split(index, page);
    const before = this.cells[index]!;
    before.pending = Math.min(page - from, this.whole((pending * (page - from)) / (to - from)));
    if (pending - before.pending > to - page) before.pending = pending - (to - page);
    this.cells[index + 1]!.pending = pending - before.pending;
    if (this.cursor > index) this.cursor++;
  }

  private split(index: number, page: number): void {
    const cell = this.cells[index]!;
    this.cells.splice(index + 1, 0, { ...cell, from: page, pending: 0 });
    cell.to = page;
  }

  /** Joins neighbours that are alike, except across the place where the scan goes on. */
  private mergeCells(): void {
    const merged: Cell[] = [];
    let cursor = 0;
    for (const [index, cell] of this.cells.entries()) {
      const last = merged.at(-1);
      if (index === this.cursor) cursor = merged.length;
      if (last !== undefined && index !== this.cursor && alike(last, cell)) {
        last.to = cell.to;
        last.pending += cell.pending;
      } else merged.push(cell);
    }
    this.cells = merged;
    this.cursor = cursor;
  }
}

const needsPages: Problem = {
  place: 'memory_access.detail',
  message: 'delta compression remembers single pages, which counts per class do not have',
  allowed: 'exact',
};

/** The probability that a page of the cell is in the log. */
function logged({ pageClass, synced, written }: ClassLog, cell: Cell): number {
  const { pages, writing, content } = pageClass;
  const writes = written - synced;
  if (writes === 0 || content === 'ballooned') return 0;
  switch (writing.kind) {
    case 'never':
      return 0;
    case 'always':
      return 1;
    case 'random':
      return pages === 1 ? 1 : -Math.expm1(writes * Math.log1p(-1 / pages));
    case 'sweep': {
      const middle = (cell.from + cell.to) / 2;
      const first = (writing.startPage + synced) % pages;
      return writes >= pages || (middle - first + pages) % pages < writes ? 1 : 0;
    }
  }
}

function alike(a: Cell, b: Cell): boolean {
  if (a.classIndex !== b.classIndex || a.taken !== b.taken) return false;
  const ratioA = a.pending / (a.to - a.from);
  const ratioB = b.pending / (b.to - b.from);
  return ratioA === ratioB;
}

/** Adds up what a scan takes, and knows when it has taken enough. */
class Tally {
  readonly limit: TakeLimit;
  private dataPages = 0;
  private zeroPages = 0;
  private firstPages = 0;
  private skippedPages = 0;
  private bytes = 0;

  constructor(limit: TakeLimit) {
    this.limit = limit;
  }

  get pages(): TakenPages {
    const { dataPages, zeroPages, firstPages, skippedPages, bytes } = this;
    return { dataPages, zeroPages, firstPages, skippedPages, bytes };
  }

  get open(): boolean {
    return this.dataPages + this.zeroPages < this.limit.pagesMax && this.bytes <= this.limit.bytesMax;
  }

  /** How many more pages of the class may be taken; the one that exceeds the limit of bytes is the last. */
  room(pageClass: PageClass): number {
    const byBytes = Math.floor((this.limit.bytesMax - this.bytes) / pagePrice(pageClass, this.limit)) + 1;
    return Math.min(byBytes, this.limit.pagesMax - this.dataPages - this.zeroPages);
  }

  add(cell: Cell, log: ClassLog, sent: number, skipped: number): void {
    const zero = log.pageClass.content === 'zero';
    if (zero) this.zeroPages += sent;
    else this.dataPages += sent;
    if (!zero && !cell.taken) this.firstPages += sent;
    this.skippedPages += skipped;
    this.bytes += sent * pagePrice(log.pageClass, this.limit);
  }
}
