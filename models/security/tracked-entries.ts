import { Field, rowWords, Status, TcpTrackFlag } from './entry-layout.ts';
import type { Address } from '../network/address.ts';
import type { ConnectionTable, TupleRef } from './connection-table.ts';
import { noExtension, type ConnectionSnapshot, type Tuple } from './connection-snapshot.ts';
import { Protocol } from '../network/packet.ts';
import { rowTest, type EntrySelection } from './entry-selection.ts';
import { FlowKey, readKey } from './flow-key.ts';
import { loadPlans, type LoadPlan } from './load-mode.ts';
import { requestTranslation } from './load-translation.ts';
import { NatBinding, type TupleLookup } from './nat-binding.ts';
import type { Removal } from './removal-journal.ts';
import type { LoadMode } from './security-engine.ts';
import { isExpired, type TableCollector } from './table-collector.ts';
import { rowHasOtherEnd } from './shared-entry.ts';
import { scaleOf, setFlags, setScale, flagsOf, setTcpState, tcpStateOf } from './tcp-fields.ts';
import { tcpStates } from './tcp-transitions.ts';
import { tickOf, ticks } from './tracking-settings.ts';
import { TupleSearch } from './tuple-search.ts';

/** How one entry was received: 0, or a negative errno as netlink reports it. */
export const LoadError = {
  none: 0,
  noEntry: -2,
  noMemory: -12,
  busy: -16,
  exists: -17,
  /** A bucket is too long. */
  noSpace: -28,
  /** Never tried: the tool had stopped. */
  cancelled: -125,
} as const;

/** The entries of one tracker as a context that can be read, copied and written. */
export class TrackedEntries implements TupleLookup {
  private readonly tables: readonly [ConnectionTable, ConnectionTable];
  private readonly collector: TableCollector;
  private readonly binding: NatBinding;
  readonly hashSeed: number;
  private readonly search: TupleSearch;

  constructor(
    tables: readonly [ConnectionTable, ConnectionTable],
    collector: TableCollector,
    hashSeed: number,
  ) {
    this.tables = tables;
    this.collector = collector;
    this.search = new TupleSearch(tables, collector);
    this.hashSeed = hashSeed;
    this.binding = new NatBinding(this);
  }

  /** Time of the last load. */
  get nowNs(): number {
    return this.search.nowNs;
  }

  /** Copies of the unexpired entries, masters before those they announced. Reading throws out expired ones. */
  dump(selection: EntrySelection, nowNs: number): ConnectionSnapshot[] {
    this.collector.collectAll(nowNs);
    return this.read(selection, -1, nowNs);
  }

  /** Copies of the unexpired entries that changed after a time: new, or anything in them moved. */
  changedSince(timeNs: number, selection: EntrySelection, nowNs: number): ConnectionSnapshot[] {
    return this.read(selection, timeNs, nowNs);
  }

  /**
   * Starts to remember removals, so that {@link removedSince} can answer; removals before `nowNs` stay unknown.
   */
  rememberRemovals(nowNs: number): void {
    this.collector.journal.open(nowNs);
  }

  forgetRemovals(): void {
    this.collector.journal.close();
  }

  /** Entries removed after a time, oldest first; null when the journal does not reach back so far. */
  removedSince(timeNs: number, selection: EntrySelection): readonly Removal[] | null {
    const removals = this.collector.journal.since(timeNs);
    if (removals === null) return null;
    return removals.filter(({ entry }) => rowTest(selection, entry.family)(entry.words, entry.base));
  }

  /**
   * Writes entries, in this order; one answer each, see {@link LoadError}. The numbers of local interfaces stay
   * as they were: they belong to the engine, not to the entry. The command-line tool stops at its first failure.
   */
  load(entries: readonly ConnectionSnapshot[], mode: LoadMode, nowNs: number): number[] {
    this.search.begin(nowNs, false);
    const plan = loadPlans[mode];
    const answers: number[] = [];
    let stopped = false;
    for (const entry of entries) {
      const answer: number = stopped ? LoadError.cancelled : this.create(entry, plan, nowNs);
      answers.push(answer);
      stopped ||= plan.stopsAtFailure && answer !== LoadError.none;
    }
    return answers;
  }

  /** How many unexpired entries there are. */
  count(selection: EntrySelection, nowNs: number): number {
    let count = 0;
    this.visit(selection, nowNs, () => count++);
    return count;
  }

  /** Deletes the unexpired entries with no further local end than this interface, or those with one. */
  deleteByEnds(
    selection: EntrySelection,
    ends: { readonly own: number; readonly other: boolean },
    nowNs: number,
  ): number {
    let deleted = 0;
    this.visit(selection, nowNs, (table, row) => {
      if (rowHasOtherEnd(table.wordsOf(row), table.baseOf(row), ends.own) !== ends.other) return;
      this.collector.remove(table, row, nowNs);
      deleted++;
    });
    return deleted;
  }

  /** Deletes entries; returns how many there were. */
  delete(selection: EntrySelection, nowNs: number): number {
    let deleted = 0;
    for (const table of this.tables) {
      const selected = rowTest(selection, table.family);
      for (let row = 0; row < table.rowsUsed; row++) {
        if (!table.occupied(row) || !selected(table.wordsOf(row), table.baseOf(row))) continue;
        this.collector.remove(table, row, nowNs);
        deleted++;
      }
    }
    return deleted;
  }

  /** Deletes the entry of an original tuple; whether there was one. */
  deleteEntry(entry: ConnectionSnapshot, nowNs: number): boolean {
    return this.takeEntry(entry, nowNs) !== null;
  }

  /** The same; returns the word of its local interfaces, null when there was none. */
  takeEntry(entry: ConnectionSnapshot, nowNs: number): number | null {
    const table = this.table(entry.family);
    const { family } = entry;
    const ref = this.search.findEvenExpired(this.keyOf(entry.words, entry.base, 0, family), family);
    if (ref < 0) return null;
    const row = ref >> 1;
    const interfaces = table.wordsOf(row)[table.baseOf(row) + Field.interfaces]!;
    this.collector.remove(table, row, nowNs);
    return interfaces;
  }

  private read(selection: EntrySelection, afterNs: number, nowNs: number): ConnectionSnapshot[] {
    const masters: ConnectionSnapshot[] = [];
    const announced: ConnectionSnapshot[] = [];
    this.visit(selection, nowNs, (table, row) => {
      if (afterNs >= 0 && table.lastChangeNs(row) <= afterNs) return;
      const entry = this.collector.snapshot(table, row, nowNs);
      (entry.extension.master === null ? masters : announced).push(entry);
    });
    return [...masters, ...announced];
  }

  /** Shows the unexpired entries, row by row; the one that is shown may be removed. */
  private visit(
    selection: EntrySelection,
    nowNs: number,
    see: (table: ConnectionTable, row: number) => void,
  ): void {
    const now = tickOf(nowNs);
    for (const table of this.tables) {
      const selected = rowTest(selection, table.family);
      for (let row = 0; row < table.rowsUsed; row++) {
        if (!table.occupied(row)) continue;
        const words = table.wordsOf(row);
        const base = table.baseOf(row);
        if (!isExpired(words, base, now) && selected(words, base)) see(table, row);
      }
    }
  }

  private create(entry: ConnectionSnapshot, plan: LoadPlan, nowNs: number): number {
    const table = this.table(entry.family);
    const now = tickOf(nowNs);
    const { family } = entry;
    const original = this.keyOf(entry.words, entry.base, 0, family);
    const hashOriginal = original.hash;
    if (this.find(original, family) >= 0) return LoadError.exists;
    // The kernel allots the entry before it reads the message, with no hash yet: early drop looks at bucket 0.
    if (!this.collector.makeRoom(0, nowNs, null)) return LoadError.noMemory;
    const expected = (entry.status & Status.expected) !== 0;
    if (expected && plan.expectedBit === 'sent') return LoadError.busy;
    const { master } = entry.extension;
    if (plan.master && master !== null && !this.holds(master, entry.zone)) return LoadError.noEntry;

    const row = loadedRows[family === 4 ? 0 : 1];
    copyRow(row, entry);
    fillCommon(row, entry, plan, now);
    if (plan.master && master !== null) row[Field.status]! |= Status.expected;
    this.loadTranslation(row, entry, plan);
    const reply = this.keyOf(row, 0, 1, family);
    const hashReply = reply.hash;
    row[Field.hashOriginal] = hashOriginal;
    row[Field.hashReply] = hashReply;
    if (this.search.findEvenExpired(reply, family) >= 0) return LoadError.exists;
    if (!this.collector.fitsChains(hashOriginal, hashReply, nowNs, null)) return LoadError.noSpace;
    const extension = this.extend(entry, plan);
    row[Field.extension] = extension;
    this.collector.statistics.created++;
    const inserted = table.insert(row, 0);
    table.setLastChangeNs(inserted, nowNs);
    if (plan.whole) this.expectAgain(entry, inserted, extension);
    return LoadError.none;
  }

  /** Has the translation chosen anew, within what the message says of it. */
  private loadTranslation(row: Int32Array, entry: ConnectionSnapshot, plan: LoadPlan): void {
    const request = requestTranslation(row, entry, plan);
    if (request === null) return;
    this.binding.bind(row, 0, entry.family, 'destination', request.destination);
    this.binding.bind(row, 0, entry.family, 'source', request.source);
  }

  /** The unexpired tuple of a key, or -1; part of choosing a translation. */
  find(key: FlowKey, family: 4 | 6): TupleRef {
    return this.search.find(key, this.table(family));
  }

  displace(row: number, family: 4 | 6): void {
    this.search.remove(row, family);
  }

  table(family: 4 | 6): ConnectionTable {
    return family === 4 ? this.tables[0] : this.tables[1];
  }

  /** The number of the new entry's extension, 0 for none. */
  private extend(entry: ConnectionSnapshot, plan: LoadPlan): number {
    if (entry.extension === noExtension) return 0;
    const { helper, master, lines, trustsNext } = entry.extension;
    const kept = {
      ...noExtension,
      helper: plan.helper ? helper : '',
      master: plan.master ? master : null,
      lines: plan.whole ? lines : noExtension.lines,
      trustsNext: plan.whole ? trustsNext : ([true, true] as const),
    };
    return kept.helper === '' && kept.master === null ? 0 : this.collector.addExtension(kept);
  }

  private expectAgain(entry: ConnectionSnapshot, row: number, extension: number): void {
    for (const expectation of entry.extension.expects)
      this.collector.expectations.add({ ...expectation, master: { family: entry.family, row, extension } });
  }

  /** Removes the masqueraded entries bound to an interface that went down, or to an address it lost. */
  deleteMasqueraded(interfaceNumber: number, address: Address | null, nowNs: number): number {
    let deleted = 0;
    for (const table of this.tables) {
      const lost =
        address === null ? null : rowTest({ kind: 'addresses', addresses: [address] }, table.family);
      for (let row = 0; row < table.rowsUsed; row++) {
        if (!table.occupied(row)) continue;
        const words = table.wordsOf(row);
        const base = table.baseOf(row);
        if (words[base + Field.lastWindow]! >>> 16 !== interfaceNumber) continue;
        if (lost !== null && !lost(words, base)) continue;
        this.collector.remove(table, row, nowNs);
        deleted++;
      }
    }
    return deleted;
  }

  /** Reads a tuple of an entry, hashed with the seed of this tracker. */
  private keyOf(words: Int32Array, base: number, direction: number, family: 4 | 6): FlowKey {
    readKey(key, words, base, direction, family);
    key.rehash(family, this.hashSeed, direction);
    return key;
  }

  private holds(tuple: Tuple, zone: number): boolean {
    key.setTuple(tuple, zone, this.hashSeed);
    return this.search.findEvenExpired(key, tuple.source.family) >= 0;
  }
}

/** The tuple that is being looked up, and the row of the entry that is being loaded: one for all trackers, of which one is at work. */
const key = new FlowKey();
const loadedRows = [new Int32Array(rowWords(4)), new Int32Array(rowWords(6))] as const;

/** A loop, since a view for each entry would cost more than the copy. */
function copyRow(row: Int32Array, { words, base }: ConnectionSnapshot): void {
  for (let word = 0; word < row.length; word++) row[word] = words[base + word]!;
}

function fillCommon(row: Int32Array, entry: ConnectionSnapshot, plan: LoadPlan, now: number): void {
  const left = plan.whole ? entry.ticksLeft : ticks(Math.floor(entry.ticksLeft / ticks(1)));
  row[Field.timeout] = now + left;
  row[Field.status] = (entry.status & ~unsettable) | Status.confirmed;
  if (plan.whole) {
    row[Field.status]! |= entry.status & natBits;
    row[Field.lastWindow]! &= 0xffff; // the interface it was masqueraded for belongs to another host
    if (entry.protocol === Protocol.udp) row[Field.udpStreamFrom]! += now - entry.takenTick;
    return;
  }
  row.fill(0, Field.windowOriginal, Field.addresses);
  if (!plan.mark) row[Field.mark] = 0;
  if (entry.protocol === Protocol.tcp) loadTcp(row, entry, plan);
  // Such an entry has no time of birth: the first two-way datagram makes it a stream.
  if (entry.protocol === Protocol.udp) row[Field.udpStreamFrom] = now - 1;
}

const natBits = Status.sourceNat | Status.destinationNat | Status.sourceNatDone | Status.destinationNatDone;
/** Bits that a message cannot set (IPS_UNCHANGEABLE_MASK). */
const unsettable = natBits | Status.expected | Status.dying | Status.sequenceAdjust;

/**
 * What `conntrack --load-file` says of both directions: that windows do not matter, and of a closed connection that
 * it may be opened again at once. Source: conntrack-tools 1.4.7, extensions/libct_proto_tcp.c, `final_check`.
 */
function toolFlags({ words, base }: ConnectionSnapshot): number {
  const closed = tcpStateOf(words, base) >= tcpStates.indexOf('TIME_WAIT');
  const reopening = closed ? TcpTrackFlag.closeInit : 0;
  return TcpTrackFlag.sackPermitted | TcpTrackFlag.beLiberal | reopening;
}

function loadTcp(row: Int32Array, entry: ConnectionSnapshot, plan: LoadPlan): void {
  const { words, base } = entry;
  setTcpState(row, 0, tcpStateOf(words, base));
  for (const direction of [0, 1]) {
    let flags = 0;
    if (plan.tcpFlags === 'dumped') flags = flagsOf(words, base, direction);
    if (plan.tcpFlags === 'of-the-tool') flags = toolFlags(entry);
    if (plan.liberal) flags |= TcpTrackFlag.beLiberal;
    setFlags(row, 0, direction, flags);
  }
  const scaled = flagsOf(row, 0, 0) & flagsOf(row, 0, 1) & TcpTrackFlag.windowScale;
  if (!plan.scales || scaled === 0) return;
  for (const direction of [0, 1]) setScale(row, 0, direction, scaleOf(words, base, direction));
}
