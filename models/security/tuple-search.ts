import type { ConnectionTable, TupleRef } from './connection-table.ts';
import { Field } from './entry-layout.ts';
import type { FlowKey } from './flow-key.ts';
import { QuestionedRows } from './questioned-rows.ts';
import type { TableCollector } from './table-collector.ts';
import { tickOf } from './tracking-settings.ts';

/** Finds tuples in the tables of one tracker, and throws out the expired entries that it comes past. */
export class TupleSearch {
  private readonly tables: readonly [ConnectionTable, ConnectionTable];
  private readonly collector: TableCollector;
  private readonly questioned: QuestionedRows;
  private asking = false;

  constructor(tables: readonly [ConnectionTable, ConnectionTable], collector: TableCollector) {
    this.tables = tables;
    this.collector = collector;
    this.questioned = new QuestionedRows(tables, collector);
  }

  get nowNs(): number {
    return present.timeNs;
  }

  /** What the question under way takes for gone; null for a packet. */
  get asked(): QuestionedRows | null {
    return this.asking ? this.questioned : null;
  }

  /** Sets the time of what is searched from now on; with `asking` nothing is thrown out. */
  begin(nowNs: number, asking: boolean): void {
    present.timeNs = nowNs;
    present.tick = tickOf(nowNs);
    this.asking = asking;
    if (asking) this.questioned.begin(nowNs);
  }

  table(family: 4 | 6): ConnectionTable {
    return this.tables[family === 4 ? 0 : 1];
  }

  /**
   * The unexpired tuple of a key, or -1. Source: Linux 6.18, nf_conntrack_core.c, `____nf_conntrack_find` and
   * `nf_conntrack_tuple_taken`; measured: a lookup throws out what is newer than its match in its bucket.
   */
  find(key: FlowKey, table: ConnectionTable): TupleRef {
    const nowTick = present.tick;
    let expired = false;
    let ref = table.surelyMisses(key.hash, nowTick) ? -1 : table.firstOf(key.hash);
    while (ref >= 0) {
      const words = table.wordsOf(ref >> 1);
      const base = table.baseOf(ref >> 1);
      if (((words[base + Field.timeout]! - nowTick) | 0) <= 0) expired = true;
      else if (words[base + (ref & 1)] === key.hash && !this.isGone(table, ref >> 1)) {
        if (table.sameTuple(words, base, ref & 1, key)) break;
      }
      ref = words[base + Field.nextOriginal + (ref & 1)]!;
    }
    if (!this.asking) this.collect(table, key.hash, ref, expired);
    else if (ref < 0) this.questioned.searched(table.bucketOf(key.hash));
    return ref;
  }

  /** The tuple of a key, expired or not; -1 for none. */
  findEvenExpired(key: FlowKey, family: 4 | 6): TupleRef {
    const table = this.table(family);
    for (let ref = table.firstOf(key.hash); ref >= 0; ref = table.nextOf(ref))
      if (table.matches(ref, key) && !this.isGone(table, ref >> 1)) return ref;
    return -1;
  }

  /** Removes an entry; a question only regards it as removed. */
  remove(row: number, family: 4 | 6): void {
    if (this.asking) this.questioned.remove(this.table(family), row);
    else this.collector.remove(this.table(family), row, present.timeNs);
  }

  private isGone(table: ConnectionTable, row: number): boolean {
    return this.asking && this.questioned.has(table, row);
  }

  /** A bucket holds entries of both families; which of them are newer than a match is known within one only. */
  private collect(table: ConnectionTable, hash: number, until: TupleRef, expired: boolean): void {
    if (expired) this.collector.collectChain(table, hash, until, present.timeNs);
    if (until >= 0) return;
    const other = this.tables[table.family === 4 ? 1 : 0];
    if (other.mayHoldExpired(present.tick)) this.collector.collectChain(other, hash, -1, present.timeNs);
  }
}

/** The time of what is searched: one for all tables, since one packet is judged at a time. */
const present = { timeNs: -Infinity, tick: 0 };
