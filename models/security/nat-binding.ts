import { unsignedWords, type Address } from '../network/address.ts';
import { Protocol } from '../network/packet.ts';
import type { ConnectionTable, TupleRef } from './connection-table.ts';
import { addressWords, Field, Status } from './entry-layout.ts';
import { FlowKey, invertKey, readKey } from './flow-key.ts';
import { jenkinsHash, swapBytes } from './jenkins-hash.ts';
import { tcpStateOf } from './tcp-fields.ts';
import { TcpCode } from './tcp-transitions.ts';
import { protocolIn, zoneIn } from './zone-word.ts';

/** What a connection may be translated to. */
export interface NatRange {
  /** Null: the address stays. */
  readonly addresses: { readonly low: Address; readonly high: Address } | null;
  /** Ports, or ids of ICMP queries; null: as before where possible. */
  readonly ports: { readonly low: number; readonly high: number } | null;
  /** Always a random port. */
  readonly fullyRandom: boolean;
  /** The address of a pool depends on the source alone. */
  readonly persistent: boolean;
}

/** What choosing a translation needs to know of the connections that exist. */
export interface TupleLookup {
  readonly hashSeed: number;
  table(family: 4 | 6): ConnectionTable;
  /** The unexpired tuple of a key, or -1. */
  find(key: FlowKey, family: 4 | 6): TupleRef;
  /** Of the packet, in ns: the same question at another time draws other ports. */
  readonly nowNs: number;
  /** Removes an entry for the benefit of the new one. */
  displace(row: number, family: 4 | 6): void;
}

/** Which end of a connection is translated. */
export type NatSide = 'source' | 'destination';

/**
 * Chooses the translation of new connections. It is chosen once, for the first packet, and lives in the entry
 * as the difference between its reply tuple and the inverse of its original one.
 *
 * Source: Linux 6.18, net/netfilter/nf_nat_core.c, `nf_nat_setup_info`, `get_unique_tuple`.
 */
export class NatBinding {
  private readonly lookup: TupleLookup;

  constructor(lookup: TupleLookup) {
    this.lookup = lookup;
  }

  /** Binds an end of an entry that is not in the table yet. */
  bind(words: Int32Array, base: number, family: 4 | 6, side: NatSide, range: NatRange): void {
    this.readInverseOfReply(current, words, base, family);
    chosen.copy(current);
    this.choose(words, base, family, side, range);
    if (!sameKey(current, chosen, family)) {
      this.writeReply(words, base, family);
      words[base + Field.status]! |= side === 'source' ? Status.sourceNat : Status.destinationNat;
    }
    words[base + Field.status]! |= side === 'source' ? Status.sourceNatDone : Status.destinationNatDone;
  }

  /** Fills `#chosen`. */
  private choose(words: Int32Array, base: number, family: 4 | 6, side: NatSide, range: NatRange): void {
    if (side === 'source' && !range.fullyRandom) {
      if (this.inRange(current, family, range)) {
        if (!this.takenUnchanged(words, base, family)) return;
      } else if (this.mappingOf(family, range)) {
        if (!this.taken(chosen, words, base, family)) return;
      }
      chosen.copy(current);
    }
    pickAddress(chosen, family, side, range);
    if (!range.fullyRandom) {
      const { ports } = range;
      if (ports !== null) {
        const fits = portInRange(chosen, side, ports);
        if (fits && (ports.low === ports.high || !this.taken(chosen, words, base, family))) return;
      } else if (!this.taken(chosen, words, base, family)) {
        return;
      }
    }
    this.pickPort(words, base, family, side, range);
  }

  /** Another connection of the same inside socket is translated already: take over its outside. */
  private mappingOf(family: 4 | 6, range: NatRange): boolean {
    const table = this.lookup.table(family);
    const index = table.sources;
    for (let row = index.first(current); row >= 0; row = index.next(row)) {
      if (!index.sameSource(row, current)) continue;
      this.readInverseOfReply(chosen, table.wordsOf(row), table.baseOf(row), family);
      chosen.destination.set(current.destination);
      setDestinationPort(chosen, current);
      if (this.inRange(chosen, family, range)) return true;
    }
    return false;
  }

  /** Tries ports from a random one on, with ever shorter walks from new starts. */
  private pickPort(words: Int32Array, base: number, family: 4 | 6, side: NatSide, range: NatRange): void {
    const span = portSpan(chosen, side, range);
    if (span === null) return;
    const random = range.fullyRandom || side === 'source';
    let draw = 0;
    let offset = random ? this.randomPort(draw++) : 0;
    let attempts = Math.min(span.count, attemptsMax);
    for (;;) {
      for (let i = 0; i < attempts; i++, offset = (offset + 1) & 0xffff) {
        setPort(chosen, side, span.low + (offset % span.count));
        if (!this.takenHarder(words, base, family, attempts - i)) return;
      }
      if (attempts >= span.count || attempts < 16) return;
      attempts = Math.floor(attempts / 2);
      offset = this.randomPort(draw++);
    }
  }

  /** The last attempts also displace closed connections, if the new one is a SYN with higher numbers. */
  private takenHarder(words: Int32Array, base: number, family: 4 | 6, attemptsLeft: number): boolean {
    const tcp = protocolIn(words[base + Field.zoneProtocol]!) === Protocol.tcp;
    const gentle = attemptsLeft > attemptsMax / 4 || !tcp || tcpStateOf(words, base) !== TcpCode.synSent;
    if (gentle) return this.taken(chosen, words, base, family);
    const ref = this.findReplyOf(chosen, family);
    if (ref < 0) return false;
    if ((ref & 1) === 0) return true;
    const table = this.lookup.table(family);
    const other = table.wordsOf(ref >> 1);
    const otherBase = table.baseOf(ref >> 1);
    const status = other[otherBase + Field.status]!;
    const closed =
      tcpStateOf(other, otherBase) >= TcpCode.timeWait &&
      (status & (Status.fixedTimeout | Status.dying)) === 0 &&
      (status & Status.sourceNat) !== 0;
    const advance = (words[base + Field.windowOriginal]! - other[otherBase + Field.windowOriginal]!) | 0;
    if (!closed || advance <= 0) return true;
    this.lookup.displace(ref >> 1, family);
    return false;
  }

  /** Whether the reply tuple of a choice belongs to another connection. */
  private taken(choice: FlowKey, words: Int32Array, base: number, family: 4 | 6): boolean {
    const ref = this.findReplyOf(choice, family);
    if (ref < 0) return false;
    // The same original tuple is the same flow.
    const table = this.lookup.table(family);
    readKey(probe, words, base, 0, family);
    return !table.sameTuple(table.wordsOf(ref >> 1), table.baseOf(ref >> 1), 0, probe);
  }

  /**
   * Whether the connection cannot stay as it is. Two UDP packets that meet, neither of them translated, are
   * left to the insertion to resolve, which may drop the later one.
   */
  private takenUnchanged(words: Int32Array, base: number, family: 4 | 6): boolean {
    if (!this.taken(current, words, base, family)) return false;
    const udp = protocolIn(words[base + Field.zoneProtocol]!) === Protocol.udp;
    if (!udp || (words[base + Field.status]! & natBits) !== 0) return true;
    const ref = this.findReplyOf(current, family);
    const table = this.lookup.table(family);
    const other = table.wordsOf(ref >> 1)[table.baseOf(ref >> 1) + Field.status]!;
    return (ref & 1) === 1 || (other & natBits) !== 0;
  }

  private findReplyOf(choice: FlowKey, family: 4 | 6): number {
    probe.copy(choice);
    invertKey(probe, family, this.lookup.hashSeed, 1);
    return this.lookup.find(probe, family);
  }

  private inRange(key: FlowKey, family: 4 | 6, range: NatRange): boolean {
    const { addresses, ports } = range;
    if (addresses !== null) {
      const tooLow = compareWords(key.source, addresses.low, family) < 0;
      if (tooLow || compareWords(key.source, addresses.high, family) > 0) return false;
    }
    return ports === null || portInRange(key, 'source', ports);
  }

  private readInverseOfReply(key: FlowKey, words: Int32Array, base: number, family: 4 | 6): void {
    readKey(key, words, base, 1, family);
    invertKey(key, family, this.lookup.hashSeed, 0);
  }

  private writeReply(words: Int32Array, base: number, family: 4 | 6): void {
    probe.copy(chosen);
    invertKey(probe, family, this.lookup.hashSeed, 1);
    const width = addressWords(family);
    const reply = base + Field.addresses + 2 * width;
    for (let word = 0; word < width; word++) {
      words[reply + word] = probe.source[word]!;
      words[reply + width + word] = probe.destination[word]!;
    }
    words[base + Field.portsReply] = probe.ports;
    words[base + Field.hashReply] = probe.hash;
  }

  /** A port as good as random, yet the same for the same connection, time and draw: asking leaves no trace. */
  private randomPort(draw: number): number {
    const seed = (Math.floor(this.lookup.nowNs / 1024) ^ Math.imul(draw + 1, 0x9e3779b1)) | 0;
    return jenkinsHash([current.hash, seed], this.lookup.hashSeed) & 0xffff;
  }
}

/**
 * The inverse of the reply tuple as it is, as it is chosen, and tuples that are tried: one of each for all trackers, of
 * which one is at work.
 */
const current = new FlowKey();
const chosen = new FlowKey();
const probe = new FlowKey();

/** Binds an end to itself: the address stays, and the port where the reply tuple is free. */
export const selfRange: NatRange = { addresses: null, ports: null, fullyRandom: false, persistent: false };
const attemptsMax = 128;
const natBits = Status.sourceNat | Status.destinationNat;

/** Picks the address: the only one, or one that depends on the ends of the connection. */
function pickAddress(key: FlowKey, family: 4 | 6, side: NatSide, range: NatRange): void {
  const { addresses } = range;
  if (addresses === null) return;
  const target = side === 'source' ? key.source : key.destination;
  const low = unsignedWords(addresses.low);
  const high = unsignedWords(addresses.high);
  const width = addressWords(family);
  const source = family === 4 ? [key.source[0]!, 0, 0, 0] : [...key.source];
  const lastDestination = swapBytes(key.destination[width - 1]!);
  const zone = zoneIn(key.zoneProtocol);
  let hash = jenkinsHash(source.map(swapBytes), range.persistent ? 0 : lastDestination ^ zone);
  let full = false;
  for (let word = 0; word < width; word++) {
    const least = full ? 0 : low[word]!;
    const count = full ? 0xffffffff : high[word]! - least + 1;
    target[word] = least + Math.floor((hash * count) / 2 ** 32);
    if (target[word]! >>> 0 !== high[word]) full = true;
    if (!range.persistent) hash = (hash ^ swapBytes(key.destination[word]!)) >>> 0;
  }
}

function compareWords(words: Int32Array, address: Address, family: 4 | 6): number {
  const other = unsignedWords(address);
  for (let word = 0; word < addressWords(family); word++) {
    const difference = (words[word]! >>> 0) - other[word]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The ports to choose from; null where the protocol has none, or a destination's must not change. */
function portSpan(key: FlowKey, side: NatSide, range: NatRange): { low: number; count: number } | null {
  const protocol = protocolIn(key.zoneProtocol);
  const icmp = protocol === Protocol.icmp || protocol === Protocol.icmpv6;
  if (!icmp && protocol !== Protocol.tcp && protocol !== Protocol.udp) return null;
  if (range.ports !== null) {
    const low = Math.min(range.ports.low, range.ports.high);
    return { low, count: Math.max(range.ports.low, range.ports.high) - low + 1 };
  }
  if (icmp) return { low: 0, count: 65_536 };
  if (side === 'destination') return null;
  // Low ports stay low: some services trust them.
  const port = key.ports >>> 16;
  if (port < 512) return { low: 1, count: 511 };
  return port < 1024 ? { low: 600, count: 424 } : { low: 1024, count: 64_512 };
}

function portInRange(
  key: FlowKey,
  side: NatSide,
  ports: { readonly low: number; readonly high: number },
): boolean {
  const protocol = protocolIn(key.zoneProtocol);
  const id = protocol === Protocol.icmp || protocol === Protocol.icmpv6;
  if (!id && protocol !== Protocol.tcp && protocol !== Protocol.udp) return true;
  const port = side === 'source' || id ? key.ports >>> 16 : key.ports & 0xffff;
  return port >= ports.low && port <= ports.high;
}

function setPort(key: FlowKey, side: NatSide, port: number): void {
  const protocol = protocolIn(key.zoneProtocol);
  const id = protocol === Protocol.icmp || protocol === Protocol.icmpv6;
  key.ports = side === 'source' || id ? (key.ports & 0xffff) | (port << 16) : (key.ports & ~0xffff) | port;
}

/** Takes over what belongs to the destination: the port, or type and code of an ICMP query. */
function setDestinationPort(key: FlowKey, from: FlowKey): void {
  key.ports = (key.ports & ~0xffff) | (from.ports & 0xffff);
}

function sameKey(a: FlowKey, b: FlowKey, family: 4 | 6): boolean {
  if (a.ports !== b.ports) return false;
  for (let word = 0; word < addressWords(family); word++)
    if (a.source[word] !== b.source[word] || a.destination[word] !== b.destination[word]) return false;
  return true;
}
