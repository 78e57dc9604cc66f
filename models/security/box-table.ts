import { BoxIndex } from './box-index.ts';
import type { Row } from './rule-row.ts';

/** `low <= row[slot] <= high`. */
export interface Interval {
  readonly slot: number;
  readonly low: number;
  readonly high: number;
}

/** What an interval cannot say: a negation, a set, a name pattern. */
export type Test = (row: Row) => boolean;

/** A box in the space of rows: every interval must hold, and every further test. */
export interface Box {
  readonly intervals: readonly Interval[];
  readonly tests: readonly Test[];
}

/** Shorter lists are searched one by one. */
const indexedFrom = 16;

const noTests: readonly Test[] = [];

/**
 * An ordered list of boxes; asked for the first, from some position on, that a row lies in. Rules of a chain
 * and elements of a set are such lists.
 */
export class BoxTable {
  readonly length: number;
  /** Intervals of box i are at starts[i] … starts[i + 1] - 1. */
  readonly starts: Uint32Array;
  readonly slots: Uint16Array;
  readonly lows: Uint32Array;
  readonly highs: Uint32Array;
  private readonly tests: readonly (readonly Test[])[];
  /** Made when it is first needed: many rule sets are carried about and never asked. */
  private index: BoxIndex | null = null;

  constructor(boxes: readonly Box[]) {
    this.length = boxes.length;
    this.starts = new Uint32Array(boxes.length + 1);
    boxes.forEach((box, i) => (this.starts[i + 1] = this.starts[i]! + box.intervals.length));
    const total = this.starts[boxes.length]!;
    this.slots = new Uint16Array(total);
    this.lows = new Uint32Array(total);
    this.highs = new Uint32Array(total);
    boxes
      .flatMap((box) => box.intervals)
      .forEach(({ slot, low, high }, i) => {
        this.slots[i] = slot;
        this.lows[i] = low;
        this.highs[i] = high;
      });
    this.tests = boxes.map((box) => (box.tests.length === 0 ? noTests : box.tests));
  }

  /** Position of the first box at or after `from` that `row` lies in; `length` when there is none. */
  first(row: Row, from: number): number {
    if (this.length <= indexedFrom) return this.firstLinear(row, from);
    // The first rule of a chain is most often the one that lets known connections pass.
    if (from < this.length && this.holds(row, from)) return from;
    this.index ??= new BoxIndex(this);
    return this.index.first(row, from);
  }

  /** The same answer by looking at one box after the other: what "first match" means. */
  firstLinear(row: Row, from: number): number {
    for (let i = from; i < this.length; i++) if (this.holds(row, i)) return i;
    return this.length;
  }

  /** The smallest box around all boxes: intervals of the slots that every box has an interval in. */
  hull(): Interval[] {
    const seen = new Map<number, { boxes: number; low: number; high: number }>();
    for (let i = 0; i < this.length; i++) {
      for (const { slot, low, high } of this.intervalsOf(i)) {
        const known = seen.get(slot);
        if (known === undefined) seen.set(slot, { boxes: 1, low, high });
        else
          seen.set(slot, {
            boxes: known.boxes + 1,
            low: Math.min(known.low, low),
            high: Math.max(known.high, high),
          });
      }
    }
    return [...seen]
      .filter(([, { boxes }]) => boxes === this.length)
      .map(([slot, { low, high }]) => ({ slot, low, high }));
  }

  intervalsOf(i: number): Interval[] {
    const intervals: Interval[] = [];
    for (let j = this.starts[i]!; j < this.starts[i + 1]!; j++)
      intervals.push({ slot: this.slots[j]!, low: this.lows[j]!, high: this.highs[j]! });
    return intervals;
  }

  /** Whether `row` lies in box `i`. */
  holds(row: Row, i: number): boolean {
    const end = this.starts[i + 1]!;
    for (let j = this.starts[i]!; j < end; j++) {
      const value = row[this.slots[j]!]!;
      if (value < this.lows[j]! || value > this.highs[j]!) return false;
    }
    const tests = this.tests[i]!;
    for (let j = 0; j < tests.length; j++) if (!tests[j]!(row)) return false;
    return true;
  }
}
