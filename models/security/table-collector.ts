import type { ConnectionTable, TupleRef } from './connection-table.ts';
import { ConnectionSnapshot, noExtension, type EntryExtension } from './connection-snapshot.ts';
import { Field, rowWords, Status } from './entry-layout.ts';
import { ExpectationTable } from './expectations.ts';
import { jenkinsHash } from './jenkins-hash.ts';
import type { QuestionedRows } from './questioned-rows.ts';
import { RemovalJournal } from './removal-journal.ts';
import { RowSlab } from './row-slab.ts';
import { tcpStateOf } from './tcp-fields.ts';
import { TcpCode } from './tcp-transitions.ts';
import { Protocol } from '../network/packet.ts';
import { tickNs, tickOf, ticks, type TrackingSettings } from './tracking-settings.ts';
import { protocolIn } from './zone-word.ts';

/** The entries that walks which are due will take, by family: rows of IPv4, of IPv6. */
export interface Foresight {
  readonly gone: readonly [Set<number>, Set<number>];
}

/** A foresight, and what it was made from: it holds while that is so, until the walk after the last one. */
interface KnownForesight extends Foresight {
  readonly dueNs: number;
  readonly madeNs: number;
  readonly nextNs: number;
  readonly created: number;
  readonly removed: number;
}

/** Counters as in /proc/net/stat/nf_conntrack. */
export interface TrackingStatistics {
  created: number;
  removed: number;
  expired: number;
  /** Removed to make room. */
  earlyDropped: number;
  /** New connections refused because the table was full. */
  refused: number;
}

/**
 * Takes entries out of the tables of one tracker: expired ones when something walks over them, others to make
 * room, and all of it into the journal.
 *
 * Nothing watches single entries for their end. Lookups throw out the expired entries on their way, and a
 * collector walks the whole table at intervals that follow the mean lifetime, 1 s to 60 s; until then expired
 * entries hold their slots. Source: Linux 6.18, nf_conntrack_core.c, `gc_worker`, `early_drop`.
 */
export class TableCollector {
  readonly statistics: TrackingStatistics = {
    created: 0,
    removed: 0,
    expired: 0,
    earlyDropped: 0,
    refused: 0,
  };
  readonly journal: RemovalJournal;
  /** By number, as noted in an entry's row. */
  readonly extensions = new Map<number, EntryExtension>();
  readonly expectations = new ExpectationTable();
  private readonly slabs = [new RowSlab(rowWords(4)), new RowSlab(rowWords(6))] as const;
  private extensionsMade = 0;
  private readonly tables: readonly [ConnectionTable, ConnectionTable];
  private settings: TrackingSettings;
  /** The kernel starts its collector a second after boot. */
  private dueNs = 1_000_000_000;
  private underPressure = false;
  private foreseen: KnownForesight | null = null;
  /** Told before an entry that has not expired goes, or has to; null where nobody follows the table. */
  beforeLoss: (() => void) | null = null;

  constructor(tables: readonly [ConnectionTable, ConnectionTable], settings: TrackingSettings) {
    this.tables = tables;
    this.settings = settings;
    this.journal = new RemovalJournal(settings.removalsRemembered);
  }

  configure(settings: TrackingSettings): void {
    this.settings = settings;
  }

  /** Goes on as the collector of a copy of another one's tables. The journal begins anew. */
  copyFrom(other: TableCollector): void {
    Object.assign(this.statistics, other.statistics);
    for (const [number, extension] of other.extensions) this.extensions.set(number, extension);
    this.expectations.copyFrom(other.expectations);
    this.extensionsMade = other.extensionsMade;
    this.dueNs = other.dueNs;
    this.underPressure = other.underPressure;
  }

  /** Removes an entry and tells the journal. */
  remove(table: ConnectionTable, row: number, nowNs: number): void {
    this.beforeLoss?.();
    this.takeOut(table, row, nowNs);
  }

  private takeOut(table: ConnectionTable, row: number, nowNs: number): void {
    if (this.journal.isOpen) this.journal.add({ timeNs: nowNs, entry: this.snapshot(table, row, nowNs) });
    const words = table.wordsOf(row);
    const base = table.baseOf(row);
    const extension = words[base + Field.extension]!;
    if (extension !== 0) {
      this.extensions.delete(extension);
      for (const expectation of this.expectations.of(extension)) this.expectations.remove(expectation);
    }
    table.remove(row);
    this.statistics.removed++;
  }

  /** Stores an extension and returns its number. */
  addExtension(extension: EntryExtension): number {
    this.extensionsMade++;
    this.extensions.set(this.extensionsMade, extension);
    return this.extensionsMade;
  }

  /** A copy of an entry. */
  snapshot(table: ConnectionTable, row: number, nowNs: number): ConnectionSnapshot {
    const slab = this.slabs[table.family === 4 ? 0 : 1];
    const { words, base } = slab.copy(table.wordsOf(row), table.baseOf(row));
    return new ConnectionSnapshot({
      words,
      base,
      family: table.family,
      takenTick: tickOf(nowNs),
      lastChangeNs: table.lastChangeNs(row),
      extension: this.extensionOf(table, row),
    });
  }

  private extensionOf(table: ConnectionTable, row: number): EntryExtension {
    const words = table.wordsOf(row);
    const base = table.baseOf(row);
    const number = words[base + Field.extension]!;
    const extension = this.extensions.get(number);
    return extension === undefined ? noExtension : { ...extension, expects: this.expectations.of(number) };
  }

  /**
   * Removes what has expired in the kernel's bucket of a hash, up to the tuple `until`, at which a lookup
   * stopped; all of it for -1.
   */
  collectChain(table: ConnectionTable, hash: number, until: TupleRef, nowNs: number): void {
    const now = tickOf(nowNs);
    const bucket = table.bucketOf(hash);
    const dead: number[] = [];
    for (let ref = table.firstOfBucket(bucket); ref >= 0 && ref !== until; ref = table.nextOf(ref)) {
      const row = ref >> 1;
      if (table.bucketOfTuple(ref) !== bucket) continue;
      if (isExpired(table.wordsOf(row), table.baseOf(row), now) && !dead.includes(row)) dead.push(row);
    }
    for (const row of dead) this.expire(table, row, nowNs);
  }

  /** Removes everything that has expired, as reading the table does. */
  collectAll(nowNs: number): void {
    const now = tickOf(nowNs);
    for (const table of this.tables) {
      for (let row = 0; row < table.rowsUsed; row++) {
        if (table.occupied(row) && isExpired(table.wordsOf(row), table.baseOf(row), now))
          this.expire(table, row, nowNs);
      }
    }
  }

  /**
   * Whether one more entry may be made; a full table gives up entries that are not assured, if the eight
   * buckets from that of the new entry on hold any. A question says which entries it takes for gone.
   */
  makeRoom(hash: number, nowNs: number, asked: QuestionedRows | null): boolean {
    const { entriesMax } = this.settings;
    if (entriesMax === 0 || this.held < entriesMax) return true;
    if (asked === null) this.beforeLoss?.();
    else if (this.held - asked.count < entriesMax) return true;
    const found = this.dropEarly(hash, nowNs, asked);
    if (!found && asked === null) {
      this.statistics.refused++;
      this.underPressure = true;
    }
    return found;
  }

  private get held(): number {
    return this.tables[0].count + this.tables[1].count;
  }

  /**
   * Whether the buckets of an entry's two tuples are short enough to take it. The kernel draws the limit for
   * each entry anew, from 50 to 79 tuples (nf_conntrack_core.c, `__nf_conntrack_confirm`); here it follows from
   * the hash and the time, so that asking leaves no trace.
   */
  fitsChains(hashOriginal: number, hashReply: number, nowNs: number, asked: QuestionedRows | null): boolean {
    const longMin = 4 * this.tables[0].buckets;
    // Below a mean of eight, a bucket of fifty does not occur.
    if (this.held < longMin || (asked !== null && this.held - asked.count < longMin)) return true;
    const draw = jenkinsHash([hashOriginal, Math.floor(nowNs / 1024) | 0], 0);
    const limit = chainLengthMin + (draw % chainLengthSpread) + 1;
    return this.bucketLength(hashOriginal, asked) <= limit && this.bucketLength(hashReply, asked) <= limit;
  }

  /** Tuples of both families in the bucket of a hash. */
  private bucketLength(hash: number, asked: QuestionedRows | null): number {
    let length = 0;
    for (const table of this.tables) {
      for (const ref of table.tuplesOf(table.bucketOf(hash)))
        if (asked === null || !asked.has(table, ref >> 1)) length++;
    }
    return length;
  }

  /** Makes up for the walks over the whole table whose time has come since the last packet. */
  runIfDue(nowNs: number): void {
    while (nowNs >= this.dueNs) {
      const meanTicks = this.walk(this.dueNs, this.evictFrom(this.underPressure), null);
      this.underPressure = false;
      this.dueNs = nextWalkNs(this.dueNs, meanTicks, this.held === 0, nowNs);
    }
  }

  /** What {@link runIfDue} would take; null when no walk is due. */
  foresee(nowNs: number): Foresight | null {
    if (nowNs < this.dueNs) return null;
    const { created, removed } = this.statistics;
    const known = this.foreseen;
    if (known !== null && known.dueNs === this.dueNs && nowNs >= known.madeNs && nowNs < known.nextNs) {
      if (known.created === created && known.removed === removed) return known;
    }
    const gone = [new Set<number>(), new Set<number>()] as const;
    let nextNs = this.dueNs;
    let pressed = this.underPressure;
    while (nowNs >= nextNs) {
      const meanTicks = this.walk(nextNs, this.evictFrom(pressed), gone);
      pressed = false;
      const empty = this.held === gone[0].size + gone[1].size;
      nextNs = nextWalkNs(nextNs, meanTicks, empty, nowNs);
    }
    this.foreseen = { gone, dueNs: this.dueNs, madeNs: nowNs, nextNs, created, removed };
    return this.foreseen;
  }

  /** From how many entries on a walk takes also what has not expired. */
  private evictFrom(underPressure: boolean): number {
    const spare = Math.floor(this.settings.entriesMax / 100) * 95;
    return underPressure && spare > 0 ? spare : Infinity;
  }

  /**
   * One pass: returns the running mean of remaining lifetimes that the kernel paces itself by. With `gone` entries are
   * not removed, but noted there, and those noted before are passed over.
   */
  private walk(nowNs: number, evictFrom: number, gone: Foresight['gone'] | null): number {
    const now = tickOf(nowNs);
    let mean = ticks(60);
    let weight = 100;
    for (const table of this.tables) {
      const taken = gone?.[table.family === 4 ? 0 : 1] ?? null;
      let leastLeft = 2 ** 31 - 1;
      for (let row = 0; row < table.rowsUsed; row++) {
        if (!table.occupied(row) || taken?.has(row) === true) continue;
        const words = table.wordsOf(row);
        const base = table.baseOf(row);
        if (isExpired(words, base, now)) {
          if (taken === null) this.expire(table, row, nowNs);
          else taken.add(row);
          continue;
        }
        const left = (words[base + Field.timeout]! - now) | 0;
        if (left < leastLeft) leastLeft = left;
        const counted = Math.min(Math.max(left, ticks(1)), ticks(300));
        // Every entry stands in the table twice.
        mean += Math.trunc((counted - mean) / ++weight);
        mean += Math.trunc((counted - mean) / ++weight);
        const held = this.held - (gone === null ? 0 : gone[0].size + gone[1].size);
        if (held < evictFrom || !isEvictable(words, base)) continue;
        if (taken === null) this.remove(table, row, nowNs);
        else taken.add(row);
      }
      if (taken === null) table.setEarliestExpiry((now + leastLeft) | 0);
    }
    return mean;
  }

  private dropEarly(hash: number, nowNs: number, asked: QuestionedRows | null): boolean {
    const { buckets } = this.tables[0];
    const first = this.tables[0].bucketOf(hash);
    for (let step = 0; step < 8; step++) {
      const bucket = (first + step) % buckets;
      if (this.dropBucket(bucket, nowNs, asked)) return true;
    }
    return false;
  }

  /** Removes every entry of a bucket that is not assured; whether there was one. */
  private dropBucket(bucket: number, nowNs: number, asked: QuestionedRows | null): boolean {
    const now = tickOf(nowNs);
    let victims = 0;
    for (const table of this.tables) {
      for (const row of new Set(table.tuplesOf(bucket).map((ref) => ref >> 1))) {
        if (asked?.has(table, row) === true) continue;
        const words = table.wordsOf(row);
        const base = table.baseOf(row);
        const expired = isExpired(words, base, now);
        if (!expired && (words[base + Field.status]! & Status.assured) !== 0) continue;
        if (!expired) victims++;
        if (asked !== null) asked.remove(table, row);
        else if (expired) this.expire(table, row, nowNs);
        else this.remove(table, row, nowNs);
      }
    }
    if (asked === null) this.statistics.earlyDropped += victims;
    return victims > 0;
  }

  private expire(table: ConnectionTable, row: number, nowNs: number): void {
    this.statistics.expired++;
    this.takeOut(table, row, nowNs);
  }
}

const chainLengthMin = 50;
const chainLengthSpread = 30;

/** When the collector walks again: as soon as its mean says; over an empty table no walk is made up for. */
function nextWalkNs(dueNs: number, meanTicks: number, empty: boolean, nowNs: number): number {
  const pauseTicks = Math.min(Math.max(meanTicks, ticks(1)), ticks(60)) - 1;
  const nextNs = dueNs + pauseTicks * tickNs;
  return empty ? Math.max(nextNs, nowNs + 1) : nextNs;
}

/** Whether the entry's time is up at a tick. */
export function isExpired(words: Int32Array, base: number, tick: number): boolean {
  return ((words[base + Field.timeout]! - tick) | 0) <= 0;
}

/** Under pressure the collector also takes what is not assured, and TCP connections that are closing. */
function isEvictable(words: Int32Array, base: number): boolean {
  if ((words[base + Field.status]! & Status.assured) === 0) return true;
  if (protocolIn(words[base + Field.zoneProtocol]!) !== Protocol.tcp) return false;
  const state = tcpStateOf(words, base);
  return state >= TcpCode.finWait && state <= TcpCode.close;
}
