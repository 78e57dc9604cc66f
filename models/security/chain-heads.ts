import type { TupleRef } from './connection-table.ts';

/**
 * The heads of the chains of a connection table: where each begins, and a filter of the hashes in it.
 *
 * A head is one word. Its lower bits, as many as the tuples of the table need, are the first tuple plus one, 0 for
 * none. Each of the others stands for an equal part of all hashes, and is set where one of these may be in the chain
 * (Bloom's filter, Communications of the ACM 13(7), 1970, with one hash function). So most lookups of what is not
 * there, with which every new connection begins, end without a look at a row: rows are far away in memory.
 */
export class ChainHeads {
  /** Hash buckets of the kernel's table. */
  readonly buckets: number;
  /** A chain holds 2^`shift` neighbouring buckets of the kernel. */
  readonly shift: number;
  /** Tuples below this can be told apart. */
  readonly tuplesMax: number;
  /** A hash, unsigned, times this is its bucket. */
  private readonly bucketScale: number;
  /** Hash >>> hashShift is the index of a head, where the number of buckets is a power of two; else -1. */
  private readonly hashShift: number;
  private readonly tupleBits: number;
  private readonly cells: Int32Array;

  /** Empty chains of 2^`shift` buckets, for at least so many tuples. */
  constructor(buckets: number, shift: number, tuples: number) {
    this.buckets = buckets;
    this.shift = shift;
    this.bucketScale = buckets / 2 ** 32;
    const bits = Math.log2(buckets);
    this.hashShift = Number.isInteger(bits) ? 32 - bits + shift : -1;
    this.cells = new Int32Array(((buckets - 1) >>> shift) + 1);
    this.tupleBits = Math.ceil(Math.log2(Math.max(tuples, this.cells.length) + 2));
    this.tuplesMax = 2 ** this.tupleBits - 1;
  }

  get length(): number {
    return this.cells.length;
  }

  get bytes(): number {
    return this.cells.byteLength;
  }

  copy(): ChainHeads {
    const copy = new ChainHeads(this.buckets, this.shift, this.tuplesMax - 1);
    copy.cells.set(this.cells);
    return copy;
  }

  /** The kernel's bucket of a hash (`reciprocal_scale`). */
  bucketOf(hash: number): number {
    return ((hash >>> 0) * this.bucketScale) | 0;
  }

  /** First tuple of the chain in which a tuple of this hash would be. */
  firstOf(hash: number): TupleRef {
    return this.firstAt(this.indexOf(hash));
  }

  /** First tuple of the chain that holds a bucket. */
  firstOfBucket(bucket: number): TupleRef {
    return this.firstAt(bucket >>> this.shift);
  }

  /** First tuple of the chain of this index. */
  firstAt(index: number): TupleRef {
    return (this.cells[index]! & this.tuplesMax) - 1;
  }

  /** Whether a tuple of this hash may be in its chain. */
  mayHold(hash: number): boolean {
    return (this.cells[this.indexOf(hash)]! & this.filterBit(hash)) !== 0;
  }

  /** Puts a tuple in front of its chain; returns what was first. */
  push(hash: number, ref: TupleRef): TupleRef {
    const index = this.indexOf(hash);
    const cell = this.cells[index]!;
    this.cells[index] = (cell & ~this.tuplesMax) | this.filterBit(hash) | (ref + 1);
    return (cell & this.tuplesMax) - 1;
  }

  /** Takes the first tuple from the chain of its hash; `next` is the one behind it, -1 for none. */
  dropFirst(hash: number, next: TupleRef): void {
    const index = this.indexOf(hash);
    // The filter stays: which of its bits the others have set is not known.
    this.cells[index] = next < 0 ? 0 : (this.cells[index]! & ~this.tuplesMax) | (next + 1);
  }

  private indexOf(hash: number): number {
    const shift = this.hashShift;
    return shift >= 0 ? hash >>> shift : this.bucketOf(hash) >>> this.shift;
  }

  /** The upper bits of a hash choose its chain, so that within a chain only the lower ones differ: these are mixed in. */
  private filterBit(hash: number): number {
    const share = Math.imul(hash, 0x9e3779b1) >>> 16;
    return 1 << (this.tupleBits + ((share * (32 - this.tupleBits)) >>> 16));
  }
}
