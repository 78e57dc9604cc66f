import { addressWords, Field } from './entry-layout.ts';
import { FlowKey, readKey } from './flow-key.ts';
import { wordOfDirection } from './zone-word.ts';

/** What the index asks of the table whose rows it links. */
export interface RowAccess {
  readonly family: 4 | 6;
  wordsOf(row: number): Int32Array;
  baseOf(row: number): number;
}

/**
 * Finds translated connections by their original source (address, port, protocol, zone), newest first: one
 * inside socket shall keep one outside port. Source: Linux 6.18, nf_nat_core.c, `nf_nat_bysource`.
 */
export class SourceIndex {
  private readonly rows: RowAccess;
  private heads = new Int32Array(64).fill(-1);
  /** The next older row of the same chain, by row. */
  private nextRows = new Int32Array(0);
  private shift = 26;
  private count = 0;

  constructor(rows: RowAccess) {
    this.rows = rows;
  }

  get bytes(): number {
    return this.heads.byteLength + this.nextRows.byteLength;
  }

  /** Becomes the index of a copy of the rows that the other one links. */
  copyFrom(other: SourceIndex): void {
    this.heads = other.heads.slice();
    this.nextRows = other.nextRows.slice();
    this.shift = other.shift;
    this.count = other.count;
  }

  /** The newest row whose original source may be the key's source; -1 for none. */
  first(key: FlowKey): number {
    return this.heads[sourceHash(key, addressWords(this.rows.family)) >>> this.shift]!;
  }

  /** The next older row, or -1. */
  next(row: number): number {
    return this.nextRows[row]!;
  }

  /** Whether a row's original source is the key's source. */
  sameSource(row: number, key: FlowKey): boolean {
    const words = this.rows.wordsOf(row);
    const base = this.rows.baseOf(row);
    if (wordOfDirection(words[base + Field.zoneProtocol]!, 0) !== wordOfDirection(key.zoneProtocol, 0))
      return false;
    if (words[base + Field.portsOriginal]! >>> 16 !== key.ports >>> 16) return false;
    for (let word = 0; word < addressWords(this.rows.family); word++)
      if (words[base + Field.addresses + word] !== key.source[word]) return false;
    return true;
  }

  add(row: number): void {
    if (this.count >= 2 * this.heads.length) this.grow();
    if (row >= this.nextRows.length) this.makeRoom(row);
    this.link(row);
    this.count++;
  }

  remove(row: number): void {
    const words = this.rows.wordsOf(row);
    const base = this.rows.baseOf(row);
    const head = this.headOf(words, base);
    const next = this.nextRows[row]!;
    this.count--;
    let before = this.heads[head]!;
    if (before === row) {
      this.heads[head] = next;
      return;
    }
    while (this.next(before) !== row) before = this.next(before);
    this.nextRows[before] = next;
  }

  private makeRoom(row: number): void {
    const old = this.nextRows;
    this.nextRows = new Int32Array(Math.max(64, row + 1 + (row >>> 3)));
    this.nextRows.set(old);
  }

  private link(row: number): void {
    const words = this.rows.wordsOf(row);
    const base = this.rows.baseOf(row);
    const head = this.headOf(words, base);
    this.nextRows[row] = this.heads[head]!;
    this.heads[head] = row;
  }

  private grow(): void {
    const old = this.heads;
    this.heads = new Int32Array(old.length * 2).fill(-1);
    this.shift--;
    for (const head of old) {
      // Oldest first, so that each chain again begins with its newest row.
      const chain: number[] = [];
      for (let row = head; row >= 0; row = this.next(row)) chain.push(row);
      for (const row of chain.reverse()) this.link(row);
    }
  }

  private headOf(words: Int32Array, base: number): number {
    readKey(sourceKey, words, base, 0, this.rows.family);
    return sourceHash(sourceKey, addressWords(this.rows.family)) >>> this.shift;
  }
}

function sourceHash(key: FlowKey, width: number): number {
  let hash = wordOfDirection(key.zoneProtocol, 0) ^ (key.ports >>> 16);
  for (let word = 0; word < width; word++) hash = Math.imul(hash ^ key.source[word]!, 0x9e3779b1);
  return Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
}

/** The tuple whose source is looked up: one for all indices. */
const sourceKey = new FlowKey();
