import { assert } from '../../sim/assert.ts';
import { ChainHeads } from './chain-heads.ts';
import { addressWords, Field, rowWords, Status } from './entry-layout.ts';
import { inversePorts, type FlowKey } from './flow-key.ts';
import { SourceIndex } from './source-index.ts';
import { isDirected, protocolIn, wordOfDirection } from './zone-word.ts';

/** A tuple in the table: row * 2 + direction (0 original, 1 reply); -1 is none. */
export type TupleRef = number;

/**
 * The connections of one address family: rows of 32-bit words, found by either of their two tuples.
 *
 * A row never moves. Space grows by segments of 1,024 rows, so that growing copies nothing but the hash
 * heads, four bytes a tuple. A chain holds one or more neighbouring buckets of the kernel, newest tuple first
 * as there: what a lookup comes past, and so throws out when it has expired, is what is newer than its match
 * (Linux 6.18, nf_conntrack_core.c, `____nf_conntrack_find`). Chains grow in number with the entries, and end
 * at one for each bucket; a table too small for its entries has long chains here as it has there.
 */
export class ConnectionTable {
  readonly family: 4 | 6;
  /** Translated connections by their original source. */
  readonly sources: SourceIndex;
  private readonly stride: number;
  private readonly addressWords: number;
  private readonly segments: Int32Array[] = [];
  private heads: ChainHeads;
  private rowsEnd = 0;
  private freeRow = -1;
  /** Whether a row was used again, so that the order of rows is no longer that of insertion. */
  private rowsReused = false;
  private entryCount = 0;
  /** No entry expires before this tick; means nothing while there are none. */
  private earliestTick = 0;
  private bentCount = 0;
  private peakBefore = 0;

  /** `buckets` as the sysctl nf_conntrack_buckets takes it, see {@link kernelBuckets}. */
  constructor(family: 4 | 6, buckets: number) {
    this.family = family;
    this.heads = headsFor(kernelBuckets(buckets), 0);
    this.stride = rowWords(family);
    this.addressWords = addressWords(family);
    this.sources = new SourceIndex(this);
  }

  /** Rows in the table, expired ones included. */
  get count(): number {
    return this.entryCount;
  }

  /** Entries whose reply tuple is not the inverse of the original one: translated, loaded so, or in another zone. */
  get bentTuples(): number {
    return this.bentCount;
  }

  /** Hash buckets of the kernel's table. */
  get buckets(): number {
    return this.heads.buckets;
  }

  /** One more than the highest row used since the table was empty. */
  get rowsUsed(): number {
    return this.rowsEnd;
  }

  /** Bytes of all buffers. */
  get bytes(): number {
    let bytes = this.heads.bytes + this.sources.bytes;
    for (const segment of this.segments) bytes += segment.byteLength;
    return bytes;
  }

  /** The most bytes that were ever held at once, old hash heads beside new ones included. */
  get peakBytes(): number {
    return Math.max(this.peakBefore, this.bytes);
  }

  /** The words in which a row lies, from {@link baseOf} on. */
  wordsOf(row: number): Int32Array {
    return this.segments[row >>> segmentBits]!;
  }

  baseOf(row: number): number {
    return (row & segmentMask) * this.stride;
  }

  /** Whether the row holds an entry. */
  occupied(row: number): boolean {
    return (this.wordsOf(row)[this.baseOf(row) + Field.status]! & Status.confirmed) !== 0;
  }

  lastChangeNs(row: number): number {
    const words = this.wordsOf(row);
    const at = this.baseOf(row) + Field.lastChange;
    return words[at + 1]! * 2 ** 32 + (words[at]! >>> 0);
  }

  setLastChangeNs(row: number, timeNs: number): void {
    const words = this.wordsOf(row);
    const at = this.baseOf(row) + Field.lastChange;
    words[at] = timeNs;
    words[at + 1] = timeNs / 2 ** 32;
  }

  /** The kernel's bucket of a hash (`reciprocal_scale`). */
  bucketOf(hash: number): number {
    return this.heads.bucketOf(hash);
  }

  /** First tuple of the chain in which a tuple of this hash would be; it may hold other buckets as well. */
  firstOf(hash: number): TupleRef {
    return this.heads.firstOf(hash);
  }

  /** First tuple of the chain that holds a bucket. */
  firstOfBucket(bucket: number): TupleRef {
    return this.heads.firstOfBucket(bucket);
  }

  /** The bucket in which a tuple stands. */
  bucketOfTuple(ref: TupleRef): number {
    const row = ref >> 1;
    return this.bucketOf(this.wordsOf(row)[this.baseOf(row) + (ref & 1)]!);
  }

  /** The tuples in a bucket. */
  tuplesOf(bucket: number): TupleRef[] {
    const refs: TupleRef[] = [];
    for (let ref = this.firstOfBucket(bucket); ref >= 0; ref = this.nextOf(ref))
      if (this.bucketOfTuple(ref) === bucket) refs.push(ref);
    return refs;
  }

  /**
   * Whether it is certain, without a look at a row, that a lookup finds no tuple of this hash and comes past nothing
   * that has expired.
   */
  surelyMisses(hash: number, nowTick: number): boolean {
    return !this.heads.mayHold(hash) && !this.mayHoldExpired(nowTick);
  }

  /** Whether any entry may have expired. */
  mayHoldExpired(nowTick: number): boolean {
    return this.entryCount > 0 && ((this.earliestTick - nowTick) | 0) <= 0;
  }

  /** To be told whenever an entry gets another lifetime. */
  noteExpiry(tick: number): void {
    if (((tick - this.earliestTick) | 0) < 0) this.earliestTick = tick;
  }

  /** To be told after a walk over all entries which of them expires first. */
  setEarliestExpiry(tick: number): void {
    this.earliestTick = tick;
  }

  /** The tuple after one in its chain. */
  nextOf(ref: TupleRef): TupleRef {
    const row = ref >> 1;
    return this.wordsOf(row)[this.baseOf(row) + Field.nextOriginal + (ref & 1)]!;
  }

  /** Whether a tuple equals the key, zone and protocol included. */
  matches(ref: TupleRef, key: FlowKey): boolean {
    const row = ref >> 1;
    const words = this.wordsOf(row);
    const base = this.baseOf(row);
    return words[base + (ref & 1)] === key.hash && this.sameTuple(words, base, ref & 1, key);
  }

  /** Whether a direction of the entry at `base` of `words` equals the key; does not look at the hash. */
  sameTuple(words: Int32Array, base: number, direction: number, key: FlowKey): boolean {
    if (words[base + Field.portsOriginal + direction] !== key.ports) return false;
    const zone = words[base + Field.zoneProtocol]!;
    if (zone !== key.zoneProtocol && !sameZone(zone, key.zoneProtocol, direction)) return false;
    const width = this.addressWords;
    const source = base + Field.addresses + 2 * width * direction;
    for (let word = 0; word < width; word++) {
      if (words[source + word] !== key.source[word]) return false;
      if (words[source + width + word] !== key.destination[word]) return false;
    }
    return true;
  }

  /** The row that the next entry is given. It may be made there, all but its links; until then nothing finds it. */
  spareRow(): number {
    if (this.freeRow >= 0) return this.freeRow;
    this.ensureRow(this.rowsEnd);
    return this.rowsEnd;
  }

  /**
   * Takes in the entry at `from` of `entry`, confirmed from now on, and links both of its tuples; it is copied
   * unless it was made in its row, see {@link spareRow}.
   */
  insert(entry: Int32Array, from: number): number {
    if (this.tooFewHeads()) this.growHeads();
    const row = this.takeRow();
    const words = this.wordsOf(row);
    const base = this.baseOf(row);
    if (words !== entry || base !== from) this.copy(words, base, entry, from);
    words[base + Field.status]! |= Status.confirmed;
    this.link(row, 0);
    this.link(row, 1);
    if ((words[base + Field.status]! & Status.sourceNatDone) !== 0) this.sources.add(row);
    if (this.bent(words, base)) this.bentCount++;
    const tick = words[base + Field.timeout]!;
    if (this.entryCount++ === 0) this.earliestTick = tick;
    else this.noteExpiry(tick);
    return row;
  }

  remove(row: number): void {
    assert(this.occupied(row), 'only an entry that is in the table can be removed from it');
    this.unlink(row, 0);
    this.unlink(row, 1);
    const words = this.wordsOf(row);
    const base = this.baseOf(row);
    if ((words[base + Field.status]! & Status.sourceNatDone) !== 0) this.sources.remove(row);
    if (this.bent(words, base)) this.bentCount--;
    words[base + Field.status] = 0;
    words[base + Field.nextOriginal] = this.freeRow;
    this.freeRow = row;
    this.entryCount--;
    if (this.entryCount === 0) this.startOver();
  }

  /** A loop, since a view for each copy would cost more than the copy. */
  private copy(words: Int32Array, base: number, entry: Int32Array, from: number): void {
    for (let word = 0; word < this.stride; word++) words[base + word] = entry[from + word]!;
  }

  /** Becomes a copy, row by row, of another table of this family. */
  copyFrom(other: ConnectionTable): void {
    assert(other.family === this.family, 'a table holds the connections of one family');
    this.heads = other.heads.copy();
    this.earliestTick = other.earliestTick;
    this.rowsEnd = other.rowsEnd;
    this.freeRow = other.freeRow;
    this.rowsReused = other.rowsReused;
    this.entryCount = other.entryCount;
    this.bentCount = other.bentCount;
    this.sources.copyFrom(other.sources);
    for (const [segment, words] of other.segments.entries()) {
      this.segments[segment] = words.slice();
    }
  }

  /** Puts an entry back to what it was, where it stands in its chains now. */
  restore(row: number, entry: Int32Array): void {
    const words = this.wordsOf(row);
    const base = this.baseOf(row);
    for (let word = 0; word < this.stride; word++) {
      const link = word === Field.nextOriginal || word === Field.nextOriginal + 1;
      if (!link) words[base + word] = entry[word]!;
    }
    this.noteExpiry(words[base + Field.timeout]!);
  }

  /** Spreads the entries over another number of buckets, in the order in which the kernel moves them. */
  resize(buckets: number): void {
    const chains = Array.from({ length: this.buckets }, (_, bucket) => this.tuplesOf(bucket));
    this.heads = headsFor(kernelBuckets(buckets), 2 * this.rowsEnd);
    for (const chain of chains) for (const ref of chain) this.link(ref >> 1, ref & 1);
    this.rowsReused = true;
  }

  /** An empty table has no rows to use again: the next ones stand in order. One that has grown becomes small again. */
  private startOver(): void {
    if (this.rowsEnd >= firstRows) {
      this.peakBefore = this.peakBytes;
      this.segments.length = 0;
      this.heads = headsFor(this.buckets, 0);
    }
    this.rowsEnd = 0;
    this.freeRow = -1;
    this.rowsReused = false;
  }

  private bent(words: Int32Array, base: number): boolean {
    const width = this.addressWords;
    const at = base + Field.addresses;
    if (isDirected(words[base + Field.zoneProtocol]!)) return true;
    for (let word = 0; word < width; word++) {
      if (words[at + word] !== words[at + 3 * width + word]) return true;
      if (words[at + width + word] !== words[at + 2 * width + word]) return true;
    }
    const inverse = inversePorts(
      protocolIn(words[base + Field.zoneProtocol]!),
      words[base + Field.portsOriginal]!,
    );
    return words[base + Field.portsReply] !== inverse;
  }

  private takeRow(): number {
    const free = this.freeRow;
    if (free >= 0) {
      this.freeRow = this.wordsOf(free)[this.baseOf(free) + Field.nextOriginal]!;
      this.rowsReused = true;
      return free;
    }
    const row = this.rowsEnd++;
    this.ensureRow(row);
    return row;
  }

  /** The first segment doubles from its first rows up, so that a small table stays small. */
  private ensureRow(row: number): void {
    const segment = row >>> segmentBits;
    const rowInSegment = row & segmentMask;
    const present = this.segments[segment];
    if (present !== undefined && present.length > rowInSegment * this.stride) return;
    const rows = segment === 0 ? Math.max(firstRows, Math.min(segmentRows, 2 * rowInSegment)) : segmentRows;
    const words = new Int32Array(rows * this.stride);
    if (present !== undefined) words.set(present);
    this.segments[segment] = words;
  }

  private link(row: number, direction: number): void {
    const words = this.wordsOf(row);
    const base = this.baseOf(row);
    const ref = row * 2 + direction;
    words[base + Field.nextOriginal + direction] = this.heads.push(words[base + direction]!, ref);
  }

  private unlink(row: number, direction: number): void {
    const words = this.wordsOf(row);
    const base = this.baseOf(row);
    const hash = words[base + direction]!;
    const target = row * 2 + direction;
    const next = words[base + Field.nextOriginal + direction]!;
    let ref = this.heads.firstOf(hash);
    if (ref === target) {
      this.heads.dropFirst(hash, next);
      return;
    }
    while (ref >= 0) {
      const following = this.nextOf(ref);
      if (following === target) {
        const before = ref >> 1;
        this.wordsOf(before)[this.baseOf(before) + Field.nextOriginal + (ref & 1)] = next;
        return;
      }
      ref = following;
    }
    assert(false, 'a tuple in the table is in the chain of its hash');
  }

  private tooFewHeads(): boolean {
    const { length, shift, tuplesMax } = this.heads;
    return (shift > 0 && 2 * this.entryCount >= length) || 2 * this.rowsEnd + 2 > tuplesMax;
  }

  /** Makes room for one more entry than rows were used: with more heads, or where each bucket has its own, wider ones. */
  private growHeads(): void {
    const old = this.heads;
    this.heads = new ChainHeads(old.buckets, Math.max(0, old.shift - 1), 2 * old.tuplesMax);
    this.peakBefore = Math.max(this.peakBefore, this.bytes + old.bytes);
    if (this.rowsReused) {
      for (let index = 0; index < old.length; index++) this.splitChain(old.firstAt(index));
      return;
    }
    for (let row = 0; row < this.rowsEnd; row++) {
      if (!this.occupied(row)) continue;
      this.link(row, 0);
      this.link(row, 1);
    }
  }

  /** Links the tuples of an old chain anew, oldest first, so that the newest again come first. */
  private splitChain(first: TupleRef): void {
    const refs: TupleRef[] = [];
    for (let ref = first; ref >= 0; ref = this.nextOf(ref)) refs.push(ref);
    for (let i = refs.length - 1; i >= 0; i--) this.link(refs[i]! >> 1, refs[i]! & 1);
  }
}

/** Whether two zone words, unlike each other, mean the same in a direction. */
function sameZone(a: number, b: number, direction: number): boolean {
  return wordOfDirection(a, direction) === wordOfDirection(b, direction);
}

/** The kernel's table takes whole pages of 512 heads (`nf_ct_alloc_hashtable`). */
function kernelBuckets(buckets: number): number {
  return Math.ceil(buckets / pageHeads) * pageHeads;
}

/** Heads for so many tuples: one for each, or for each bucket. */
function headsFor(buckets: number, tuples: number): ChainHeads {
  const shift = Math.floor(Math.log2(buckets / Math.max(headsMin, tuples)));
  return new ChainHeads(buckets, Math.max(0, shift), tuples);
}

const pageHeads = 512;
const headsMin = 64;
const segmentBits = 10;
const firstRows = 16;
const segmentRows = 1 << segmentBits;
const segmentMask = segmentRows - 1;
