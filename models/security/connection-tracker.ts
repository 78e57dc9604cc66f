import { assert } from '../../sim/assert.ts';
import { Protocol, TcpFlag, type Packet } from '../network/packet.ts';
import { unattached, type Attachment } from './attachment.ts';
import type { EntryExtension } from './connection-snapshot.ts';
import { ConnectionTable, type TupleRef } from './connection-table.ts';
import { icmpKind } from './datagram-tracking.ts';
import { Field, rowWords, Status } from './entry-layout.ts';
import { FlowKey, invertible, invertKey, readKey } from './flow-key.ts';
import { followPacket } from './follow-packet.ts';
import { fulfilExpectation } from './fulfil-expectation.ts';
import { goesToSender, isIcmp, quotedBytesMin } from './icmp-quotation.ts';
import { InterfaceNumbers } from './interface-numbers.ts';
import type { TupleLookup } from './nat-binding.ts';
import { fillEntry } from './new-entry.ts';
import { TrackOutcome, type TrackingContext } from './tcp-tracking.ts';
import { tcpFlagsValid } from './tcp-transitions.ts';
import { TableCollector } from './table-collector.ts';
import { TrackedEntries } from './tracked-entries.ts';
import { TupleSearch } from './tuple-search.ts';
import { isDirected } from './zone-word.ts';
import { linuxDefaults, tickOf, type TrackingSettings } from './tracking-settings.ts';
import { timeoutTicks } from './tracking-timeouts.ts';

/**
 * Connection tracking as Linux does it: finds the entry of a packet, follows the connection, and says what the
 * packet is to it. New entries enter the table by {@link confirm}, after the rules have accepted the packet.
 *
 * Source: Linux 6.18, net/netfilter/nf_conntrack_core.c.
 */
export class ConnectionTracker implements TupleLookup {
  readonly attachment = attached;
  readonly collector: TableCollector;
  /** The entries as a context to be dumped, loaded and deleted. */
  readonly entries: TrackedEntries;
  private readonly ipv4: ConnectionTable;
  private readonly ipv6: ConnectionTable;
  private presentSettings: TrackingSettings;
  /** Lifetimes in ticks. */
  private timeouts: Int32Array;
  /** The head of the chain of the answers' tuple, if the packet just tracked may open a connection. */
  replyHead: TupleRef = -1;
  private replyHash = 0;
  /** Room for the entry of the packet just tracked as the packet met it, see {@link copyFrom}; null to keep none. */
  metEntry: Int32Array | null = null;
  private searched: ConnectionTable;
  readonly interfaceNumbers = new InterfaceNumbers();
  /** What the entry that is being made has besides its row. */
  pendingExtension: EntryExtension | null = null;
  private readonly search: TupleSearch;

  constructor(settings: TrackingSettings) {
    this.ipv4 = new ConnectionTable(4, settings.buckets);
    this.ipv6 = new ConnectionTable(6, settings.buckets);
    this.searched = this.ipv4;
    const tables = [this.ipv4, this.ipv6] as const;
    this.collector = new TableCollector(tables, settings);
    this.search = new TupleSearch(tables, this.collector);
    this.entries = new TrackedEntries(tables, this.collector, settings.hashSeed);
    this.presentSettings = settings;
    this.timeouts = timeoutTicks(settings.timeouts);
  }

  get settings(): TrackingSettings {
    return this.presentSettings;
  }

  get hashSeed(): number {
    return this.settings.hashSeed;
  }

  /** Time of the packet just tracked. */
  get nowNs(): number {
    return this.search.nowNs;
  }

  /** Entries in the table; expired ones count until something walks over them. */
  get count(): number {
    return this.ipv4.count + this.ipv6.count;
  }

  /** Bytes of the table's buffers. */
  get bytes(): number {
    return this.ipv4.bytes + this.ipv6.bytes;
  }

  /** The table of a family, for dumping and loading. */
  table(family: 4 | 6): ConnectionTable {
    return family === 4 ? this.ipv4 : this.ipv6;
  }

  /** Changes settings while running. Present entries keep their lifetime until their next packet. */
  configure(settings: TrackingSettings): void {
    assert(settings.hashSeed === this.settings.hashSeed, 'a table that is in use cannot be hashed anew');
    if (settings.buckets !== this.settings.buckets)
      for (const table of [this.ipv4, this.ipv6]) table.resize(settings.buckets);
    this.presentSettings = settings;
    this.timeouts = timeoutTicks(settings.timeouts);
    this.collector.configure(settings);
  }

  /** Becomes a copy of another tracker; `undoing` as it was before the packet that it tracks now. */
  copyFrom(other: ConnectionTracker, undoing: boolean): void {
    this.ipv4.copyFrom(other.ipv4);
    this.ipv6.copyFrom(other.ipv6);
    this.collector.copyFrom(other.collector);
    this.interfaceNumbers.copyFrom(other.interfaceNumbers);
    const { metEntry, attachment } = other;
    if (undoing && attachment.met) this.table(other.family).restore(attachment.row, metEntry!);
  }

  /**
   * Finds out what the packet is and lets its entry follow. `zone` is a zone word without a protocol (see
   * zone-word.ts). With `asking` nothing is remembered of it.
   * Returns an {@link Attachment} that holds until another packet is tracked; its state is null if the table was full.
   */
  track(packet: Packet, zone: number, nowNs: number, asking: boolean): Attachment {
    const { attachment } = this;
    this.search.begin(nowNs, asking);
    this.searched = this.table(packet.source.family);
    context.settings = this.presentSettings;
    context.timeouts = this.timeouts;
    context.nowTick = tickOf(nowNs);
    context.table = this.searched;
    if (!asking) this.collector.runIfDue(nowNs);
    attachment.hasEntry = false;
    attachment.met = false;
    attachment.row = -1;
    attachment.state = 'invalid';
    const { protocol } = packet;
    const badChecksum = this.settings.checksum && !packet.checksumValid;
    if (protocol === Protocol.tcp) {
      this.resolve(packet, zone, badChecksum || !tcpFlagsValid(packet.tcpFlags));
    } else if (protocol === noNextHeader && packet.source.family === 6) {
      return attachment; // nothing follows: there is no tuple
    } else if (protocol === Protocol.icmp || protocol === Protocol.icmpv6) {
      // The ICMP of the other family is nobody's.
      if (isIcmp(packet) && !badChecksum) this.trackIcmp(packet, zone);
    } else {
      this.resolve(packet, zone, badChecksum);
    }
    return attachment;
  }

  /**
   * Puts the entry of the packet just tracked into the table, if it is new; false when its tuples are taken.
   * Does nothing for a question.
   */
  confirm(): boolean {
    const { attachment } = this;
    if (!attachment.hasEntry || attachment.met || attachment.row >= 0) return true;
    const { words, base } = attachment;
    // Its own tuple was looked up and not found; its answers' can only be taken if some tuples are bent.
    const bent = this.searched.bentTuples > 0 || isDirected(words[base + Field.zoneProtocol]!);
    if (bent && this.replyTaken(words, base)) return false;
    const [hashOriginal, hashReply] = [words[base + Field.hashOriginal]!, words[base + Field.hashReply]!];
    const { asked } = this.search;
    if (!this.collector.fitsChains(hashOriginal, hashReply, this.nowNs, asked)) return false;
    if (asked !== null) return true;
    words[base + Field.timeout]! += context.nowTick;
    this.collector.statistics.created++;
    if (this.pendingExtension !== null)
      words[base + Field.extension] = this.collector.addExtension(this.pendingExtension);
    const row = this.searched.insert(words, base);
    this.searched.setLastChangeNs(row, this.nowNs);
    attachment.row = row;
    attachment.words = this.searched.wordsOf(row);
    attachment.base = this.searched.baseOf(row);
    return true;
  }

  /** Family of the packet just tracked. */
  get family(): 4 | 6 {
    return this.searched.family;
  }

  /** Removes an entry of the packet's family, to the benefit of the packet. */
  displace(row: number, family: 4 | 6): void {
    assert(family === this.family, 'only an entry of the same family can be in the way');
    this.kill(row);
  }

  /** Removes the entry of the packet just tracked, which goes on with a copy. */
  killAttached(): void {
    const { row } = this.attachment;
    assert(row >= 0, 'only an entry in the table can be killed');
    this.detachCopy();
    this.kill(row);
  }

  private trackIcmp(packet: Packet, zone: number): void {
    switch (icmpKind(packet.protocol, packet.icmpType)) {
      case 'query':
        this.resolve(packet, zone, false);
        return;
      case 'error':
        this.relate(packet, zone);
        return;
      case 'untracked':
        this.attachment.state = 'untracked';
        return;
      case 'unknown':
        return;
    }
  }

  /** An ICMP error belongs to the connection whose packet it quotes, if it goes to that packet's sender. */
  private relate(packet: Packet, zone: number): void {
    const { quoted } = packet;
    if (quoted === null || quoted.source.family !== packet.source.family) return;
    if (packet.quotedBytes < quotedBytesMin(quoted)) return;
    const seed = this.settings.hashSeed;
    packetKey.setPacket(quoted, zone, seed);
    if (!invertible(quoted.protocol, packetKey.ports)) return;
    invertKey(packetKey, quoted.source.family, seed, 0);
    const ref = this.lookUp(packetKey);
    if (ref < 0) return;
    if (!goesToSender(packet, quoted)) return;
    this.attach(ref);
    this.attachment.state = 'related';
  }

  private resolve(packet: Packet, zone: number, broken: boolean): void {
    const { attachment } = this;
    packetKey.setPacket(packet, zone, this.settings.hashSeed);
    const opens = (packet.tcpFlags & (TcpFlag.syn | TcpFlag.ack)) === TcpFlag.syn;
    if (opens) this.reachForReply();
    // An entry is even made for a broken packet, and thrown away: so it needs a slot.
    for (;;) {
      const ref = this.lookUp(packetKey);
      if (ref < 0 && !this.open(packet, opens)) return;
      if (ref >= 0) this.attach(ref);
      this.statusBefore = attachment.words[attachment.base + Field.status]!;
      const outcome = broken ? TrackOutcome.invalid : followPacket(attachment, packet, ref < 0, context);
      if (outcome === TrackOutcome.repeat) {
        this.kill(ref >> 1);
        continue;
      }
      if (outcome === TrackOutcome.invalid) {
        attachment.hasEntry = false;
        attachment.state = 'invalid';
        return;
      }
      this.conclude(outcome, ref);
      return;
    }
  }

  /** The packet is part of the connection: says of what kind, and remembers an answer. */
  private conclude(outcome: number, ref: TupleRef): void {
    const { attachment } = this;
    const { words, base } = attachment;
    const status = words[base + Field.status]!;
    const related = (status & Status.expected) !== 0;
    if (attachment.direction === 1) attachment.state = 'established';
    else if (this.statusBefore & Status.seenReply) attachment.state = 'established';
    else attachment.state = related ? 'related' : 'new';
    if (outcome === TrackOutcome.kill) {
      this.detachCopy();
      this.kill(ref >> 1);
    }
    if (attachment.direction === 1) attachment.words[attachment.base + Field.status]! |= Status.seenReply;
  }

  /** Status of the entry when the packet met it: the packet is judged by that. */
  private statusBefore = 0;

  /**
   * Hashes the answers' tuple and reads the head of its chain. For a packet that likely opens a connection that
   * is done before its own chain is walked: so the memory fetches both at the same time.
   */
  private reachForReply(): void {
    this.replyHash = packetKey.hashOfInverse(this.searched.family, this.settings.hashSeed, 1);
    this.replyHead = this.searched.firstOf(this.replyHash);
  }

  /** Starts an entry for a packet that has none; false when it cannot have one. */
  private open(packet: Packet, replyHashed: boolean): boolean {
    const { attachment } = this;
    const { protocol } = packet;
    if (!invertible(protocol, packetKey.ports)) return false;
    if (!this.collector.makeRoom(packetKey.hash, this.nowNs, this.search.asked)) {
      attachment.state = null;
      return false;
    }
    if (!replyHashed) this.reachForReply();
    const table = this.searched;
    const row = table.spareRow();
    const words = table.wordsOf(row);
    const base = table.baseOf(row);
    fillEntry(words, base, packetKey, this.replyHash, table.family);
    this.pendingExtension = fulfilExpectation(words, base, packet, this.collector, this.search);
    attachment.words = words;
    attachment.base = base;
    attachment.row = -1;
    attachment.direction = 0;
    attachment.hasEntry = true;
    attachment.met = false;
    return true;
  }

  private attach(ref: TupleRef): void {
    const { attachment } = this;
    const row = ref >> 1;
    attachment.hasEntry = true;
    attachment.met = true;
    attachment.row = row;
    attachment.direction = ref & 1;
    attachment.words = this.searched.wordsOf(row);
    attachment.base = this.searched.baseOf(row);
    const asking = this.search.asked !== null;
    if (!asking && this.metEntry !== null) this.copyTo(this.metEntry);
    if (asking) this.detachCopy();
    else this.searched.setLastChangeNs(row, this.nowNs);
  }

  /** Goes on with a copy of the entry, for a question or because the entry is about to go. */
  private detachCopy(): void {
    const { attachment } = this;
    if (attachment.words === copied) return;
    this.copyTo(copied);
    attachment.words = copied;
    attachment.base = 0;
  }

  private copyTo(copy: Int32Array): void {
    const { words, base } = this.attachment;
    const count = rowWords(this.searched.family);
    for (let word = 0; word < count; word++) copy[word] = words[base + word]!;
  }

  private kill(row: number): void {
    this.search.remove(row, this.searched.family);
  }

  /** The unexpired tuple of a key, or -1; part of choosing a translation. */
  find(key: FlowKey, family: 4 | 6): TupleRef {
    return this.search.find(key, this.table(family));
  }

  /** The tuple of a packet; where zones differ by direction, first as an original one, then as a reply. */
  private lookUp(key: FlowKey): TupleRef {
    const table = this.searched;
    const ref = this.search.find(key, table);
    if (ref >= 0 || !isDirected(key.zoneProtocol)) return ref;
    const { hash } = key;
    key.rehash(table.family, this.settings.hashSeed, 1);
    const replying = this.search.find(key, table);
    key.hash = hash;
    return replying;
  }

  private replyTaken(words: Int32Array, base: number): boolean {
    readKey(packetKey, words, base, 1, this.family);
    return this.search.findEvenExpired(packetKey, this.family) >= 0;
  }
}

/*
 * What a tracker works with while it follows one packet: its tuple, the entry that it was found to belong to, the copy that
 * questions work on, and what the trackers of protocols are lent. One of each serves all trackers, since no two work at
 * once: a run has thousands of them, and what each packet needs should not lie scattered.
 */
const packetKey = new FlowKey();
const copied = new Int32Array(rowWords(6));
const attached = unattached(copied);
const context: TrackingContext = {
  settings: linuxDefaults,
  timeouts: timeoutTicks(linuxDefaults.timeouts),
  nowTick: 0,
  table: new ConnectionTable(4, 1024),
};

/** IPv6 Next Header value 59 (RFC 8200, 4.7). */
const noNextHeader = 59;
