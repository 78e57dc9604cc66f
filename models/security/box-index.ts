import type { BoxTable } from './box-table.ts';
import type { Row } from './rule-row.ts';

/**
 * Finds the boxes that a row may lie in without looking at all of them: a decision tree over slots. It only
 * names candidates, and the boxes themselves decide, so that first match stays the meaning.
 *
 * A node cuts one slot's values into buckets. A box that few buckets touch is listed under each of them; one
 * that reaches further, or does not look at the slot, goes to the node's rest, which is a tree of its own.
 * So no box is copied more than {@link spanMax} times per level, and memory stays linear. (Cutting one field
 * at a time and keeping wide rules apart are the ideas of HiCuts, Gupta and McKeown, Hot Interconnects 1999,
 * and EffiCuts, Vamanan et al., SIGCOMM 2010; the cost rule is ours.)
 */
export class BoxIndex {
  private readonly table: BoxTable;
  private readonly root: Node;

  constructor(table: BoxTable) {
    this.table = table;
    const all = Uint32Array.from({ length: table.length }, (_, i) => i);
    this.root = build(table, all, 0);
  }

  /** Position of the first box at or after `from` that `row` lies in; the table's length without one. */
  first(row: Row, from: number): number {
    return this.visit(this.root, row, from, this.table.length);
  }

  /** The first box of a subtree that holds and comes before `best`, otherwise `best`. */
  private visit(start: Node, row: Row, from: number, best: number): number {
    let node: Node | null = start;
    let found = best;
    while (node !== null) {
      if (node.first >= found || node.last < from) return found;
      if (node.kind === 'leaf') return this.scan(node.items, row, from, found);
      found = this.visit(node.buckets[branchBucket(node, row[node.slot]!)]!, row, from, found);
      node = node.rest;
    }
    return found;
  }

  private scan(items: Uint32Array, row: Row, from: number, best: number): number {
    for (let i = 0; i < items.length; i++) {
      const item = items[i]!;
      if (item >= best) return best;
      if (item >= from && this.table.holds(row, item)) return item;
    }
    return best;
  }
}

type Node = Leaf | Branch;

interface Leaf {
  readonly kind: 'leaf';
  /** First and last box below this node. */
  readonly first: number;
  readonly last: number;
  readonly items: Uint32Array;
}

interface Branch {
  readonly kind: 'branch';
  readonly first: number;
  readonly last: number;
  readonly slot: number;
  /** Bucket i holds values from cuts[i - 1] up to, not including, cuts[i]. */
  readonly cuts: Uint32Array;
  /** Where among the cuts to look for a value, by its upper bits; see {@link coarseOf}. */
  readonly coarse: Coarse;
  readonly buckets: readonly Node[];
  readonly rest: Node | null;
}

/** Cuts at or below `i << shift`, for every i; the last entry counts all. */
interface Coarse {
  readonly shift: number;
  readonly counts: Uint32Array;
}

/** Lists up to this length are searched one by one. */
const leafMax = 8;
/** A box under more buckets than this goes to the rest. */
const spanMax = 4;
const depthMax = 64;
/** A cut must spare at least this part of the boxes. */
const worthwhile = 0.95;
/** A slot is cut at all ends of its intervals, or at every 4th, 16th … of them. */
const strides: readonly number[] = [1, 4, 16, 64, 256];

function build(table: BoxTable, items: Uint32Array, depth: number): Node {
  const first = items[0] ?? Infinity;
  const last = items[items.length - 1] ?? -1;
  const cut = items.length <= leafMax || depth >= depthMax ? null : bestCut(table, items);
  if (cut === null) return { kind: 'leaf', first, last, items };
  const { slot, cuts } = cut;
  const lists: number[][] = Array.from({ length: cuts.length + 1 }, () => []);
  const wide: number[] = [];
  const range = new SlotRange(table, slot);
  for (const item of items) {
    const span = range.spanOf(item, cuts);
    if (span > spanMax) wide.push(item);
    else for (let i = 0; i < span; i++) lists[range.bucket + i]!.push(item);
  }
  const child = (list: number[]): Node =>
    list.length === 0 ? nothing : build(table, Uint32Array.from(list), depth + 1);
  const rest = wide.length === 0 ? null : child(wide);
  const coarse = coarseOf(cuts);
  return { kind: 'branch', first, last, slot, cuts, coarse, buckets: lists.map(child), rest };
}

const nothing: Leaf = { kind: 'leaf', first: Infinity, last: -1, items: new Uint32Array(0) };

interface Cut {
  readonly slot: number;
  readonly cuts: Uint32Array;
}

/** The cut after which a row meets the fewest boxes; null when none is worth it. */
function bestCut(table: BoxTable, items: Uint32Array): Cut | null {
  let best: Cut | null = null;
  let lowest = items.length * worthwhile;
  for (const slot of slotsOf(table, items)) {
    const range = new SlotRange(table, slot);
    const ends = endsOf(range, items);
    for (const stride of strides) {
      const cuts = stride === 1 ? ends : ends.filter((_, i) => i % stride === 0);
      if (cuts.length === 0 || (stride > 1 && cuts.length < 4)) break;
      const cost = costOf(range, items, cuts);
      if (cost < lowest) {
        lowest = cost;
        best = { slot, cuts };
      }
    }
  }
  return best;
}

/**
 * Boxes that a row is compared with after the cut, when rows are spread as the boxes are: the rest, and the
 * mean bucket weighted by its own size.
 */
function costOf(range: SlotRange, items: Uint32Array, cuts: Uint32Array): number {
  const sizes = new Uint32Array(cuts.length + 1);
  let wide = 0;
  for (const item of items) {
    const span = range.spanOf(item, cuts);
    if (span > spanMax) wide++;
    else for (let i = 0; i < span; i++) sizes[range.bucket + i]!++;
  }
  let total = 0;
  let squares = 0;
  for (const size of sizes) {
    // A bucket as large as its node would be cut the same way for ever.
    if (size === items.length) return Infinity;
    total += size;
    squares += size * size;
  }
  return wide === items.length ? Infinity : wide + squares / total;
}

function slotsOf(table: BoxTable, items: Uint32Array): Set<number> {
  const slots = new Set<number>();
  for (const item of items)
    for (let i = table.starts[item]!; i < table.starts[item + 1]!; i++) slots.add(table.slots[i]!);
  return slots;
}

/** Values at which an interval begins or has just ended, ascending, without 0, which begins everything. */
function endsOf(range: SlotRange, items: Uint32Array): Uint32Array {
  const ends = new Set<number>();
  for (const item of items) {
    range.read(item);
    if (range.low > 0) ends.add(range.low);
    if (range.high < 0xffff_ffff) ends.add(range.high + 1);
  }
  return Uint32Array.from(ends).sort();
}

/** The values that a box allows in one slot. */
class SlotRange {
  low = 0;
  high = 0xffff_ffff;
  /** First bucket of the box that `spanOf` was last asked about. */
  bucket = 0;
  private readonly table: BoxTable;
  private readonly slot: number;

  constructor(table: BoxTable, slot: number) {
    this.table = table;
    this.slot = slot;
  }

  /** Sets `low` and `high` to what box `item` allows; all values when it does not look at the slot. */
  read(item: number): void {
    const { starts, slots, lows, highs } = this.table;
    this.low = 0;
    this.high = 0xffff_ffff;
    for (let i = starts[item]!; i < starts[item + 1]!; i++) {
      if (slots[i] !== this.slot) continue;
      this.low = Math.max(this.low, lows[i]!);
      this.high = Math.min(this.high, highs[i]!);
    }
  }

  /** How many buckets box `item` touches; sets `bucket` to the first of them. */
  spanOf(item: number, cuts: Uint32Array): number {
    this.read(item);
    if (this.low === 0 && this.high === 0xffff_ffff) return Infinity;
    // A box that allows nothing is in no bucket.
    if (this.low > this.high) return 0;
    this.bucket = bucketOf(cuts, this.low);
    return bucketOf(cuts, this.high) - this.bucket + 1;
  }
}

/** Divides the values up to the last of many cuts into about a hundred spans: a search begins with few cuts. */
function coarseOf(cuts: Uint32Array): Coarse {
  const last = cuts[cuts.length - 1]!;
  const bits = cuts.length < coarseFrom ? 0 : coarseBits;
  const shift = Math.min(31, Math.max(0, 32 - Math.clz32(last) - bits));
  const spans = (last >>> shift) + 1;
  const counts = Uint32Array.from({ length: spans + 1 }, (_, i) => bucketOf(cuts, i * 2 ** shift));
  counts[spans] = cuts.length;
  return { shift, counts };
}

const coarseBits = 7;
/** Fewer cuts are searched as they are. */
const coarseFrom = 32;

/** {@link bucketOf} for the cuts of a branch. */
function branchBucket({ cuts, coarse }: Branch, value: number): number {
  const span = value >>> coarse.shift;
  const { counts } = coarse;
  if (span >= counts.length - 1) return cuts.length;
  return searched(cuts, value, counts[span]!, counts[span + 1]!);
}

/** How many cuts are at or below `value`. */
function bucketOf(cuts: Uint32Array, value: number): number {
  return searched(cuts, value, 0, cuts.length);
}

/** The same, for a number known to lie between `from` and `to`. */
function searched(cuts: Uint32Array, value: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cuts[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
