import type { ConnectionTable } from './connection-table.ts';
import { isExpired, type Foresight, type TableCollector } from './table-collector.ts';
import { tickOf } from './tracking-settings.ts';

/**
 * The entries that would be gone if a question were a packet: taken by walks of the collector that are due, thrown out
 * by lookups on the way, or removed for the packet's sake. They stay in the table; a question only takes them for gone.
 */
export class QuestionedRows {
  private readonly tables: readonly [ConnectionTable, ConnectionTable];
  private readonly collector: TableCollector;
  private readonly removed = [new Set<number>(), new Set<number>()] as const;
  /** Buckets that lookups have walked to their end. */
  private readonly searchedBuckets: number[] = [];
  private foresight: Foresight | null = null;
  private nowNs = -Infinity;

  constructor(tables: readonly [ConnectionTable, ConnectionTable], collector: TableCollector) {
    this.tables = tables;
    this.collector = collector;
  }

  begin(nowNs: number): void {
    this.nowNs = nowNs;
    this.searchedBuckets.length = 0;
    // Clearing an empty set makes a new one.
    for (const rows of this.removed) if (rows.size > 0) rows.clear();
    this.foresight = this.collector.foresee(nowNs);
  }

  remove(table: ConnectionTable, row: number): void {
    this.removed[indexOf(table)].add(row);
  }

  /** A lookup has come to the end of a bucket: expired entries there are gone, of both families. */
  searched(bucket: number): void {
    if (!this.searchedBuckets.includes(bucket)) this.searchedBuckets.push(bucket);
  }

  has(table: ConnectionTable, row: number): boolean {
    const index = indexOf(table);
    if (this.isTaken(index, row)) return true;
    return (
      this.inSearched(table, row) && isExpired(table.wordsOf(row), table.baseOf(row), tickOf(this.nowNs))
    );
  }

  /** How many entries are gone. */
  get count(): number {
    let count = this.removed[0].size + this.removed[1].size;
    for (const index of [0, 1] as const) {
      for (const row of this.foresight?.gone[index] ?? []) if (!this.removed[index].has(row)) count++;
    }
    return count + this.thrownOut();
  }

  /** Those that only lookups have taken. */
  private thrownOut(): number {
    const now = tickOf(this.nowNs);
    let count = 0;
    for (const table of this.tables) {
      const index = indexOf(table);
      const rows = new Set<number>();
      for (const bucket of this.searchedBuckets) for (const ref of table.tuplesOf(bucket)) rows.add(ref >> 1);
      for (const row of rows) {
        if (!this.isTaken(index, row) && isExpired(table.wordsOf(row), table.baseOf(row), now)) count++;
      }
    }
    return count;
  }

  /** Removed, or taken by a walk that is due. */
  private isTaken(index: 0 | 1, row: number): boolean {
    return this.removed[index].has(row) || this.foresight?.gone[index].has(row) === true;
  }

  private inSearched(table: ConnectionTable, row: number): boolean {
    return [row * 2, row * 2 + 1].some((ref) => this.searchedBuckets.includes(table.bucketOfTuple(ref)));
  }
}

function indexOf(table: ConnectionTable): 0 | 1 {
  return table.family === 4 ? 0 : 1;
}
