import { addressOf, formatAddress, ipv4, type Address } from '../network/address.ts';
import { Protocol } from '../network/packet.ts';
import type { Expectation } from './expectations.ts';
import { addressWords, Field, Status, Window } from './entry-layout.ts';
import { flagsOf, scaleOf, tcpStateOf } from './tcp-fields.ts';
import { tcpStates, type TcpState } from './tcp-transitions.ts';
import { tickNs } from './tracking-settings.ts';
import { protocolIn, zoneDirectionIn, zoneIn, type ZoneDirection } from './zone-word.ts';

/** One direction of a connection. Ports are 0 for ICMP, the ICMP fields 0 for everything else. */
export interface Tuple {
  readonly source: Address;
  readonly destination: Address;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly icmpId: number;
  readonly icmpType: number;
  readonly icmpCode: number;
}

/** What an entry has besides its row: its helper, and the connection that announced it. */
export interface EntryExtension {
  /** Kind of helper, `ftp`; empty without one. */
  readonly helper: string;
  /** The connection that announced this one; null for all that were not expected. */
  readonly master: Tuple | null;
  /** Sequence numbers at which lines are known to begin, in the original and the reply direction. */
  readonly lines: readonly [readonly number[], readonly number[]];
  /** By direction: the next packet with payload is taken for a line, wherever it lies, as after a copy. */
  readonly trustsNext: readonly [boolean, boolean];
  /** What it announced and nobody opened yet; filled in when the entry is read. */
  readonly expects: readonly Expectation[];
}

export const noExtension: EntryExtension = {
  helper: '',
  master: null,
  lines: [[], []],
  trustsNext: [false, false],
  expects: [],
};

/** Where a row was taken from, see {@link ConnectionSnapshot}. */
export interface SnapshotSource {
  readonly family: 4 | 6;
  readonly words: Int32Array;
  readonly base: number;
  readonly takenTick: number;
  readonly lastChangeNs: number;
  readonly extension: EntryExtension;
}

/**
 * An entry as it was at one moment: whole, with its windows. What of it survives a move is decided by the mode
 * in which it is loaded.
 */
export class ConnectionSnapshot {
  readonly family: 4 | 6;
  readonly extension: EntryExtension;
  readonly lastChangeNs: number;
  readonly words: Int32Array;
  readonly base: number;
  readonly takenTick: number;

  constructor(source: SnapshotSource) {
    this.family = source.family;
    this.words = source.words;
    this.base = source.base;
    this.takenTick = source.takenTick;
    this.lastChangeNs = source.lastChangeNs;
    this.extension = source.extension;
  }

  get protocol(): number {
    return protocolIn(this.word(Field.zoneProtocol));
  }

  get zone(): number {
    return zoneIn(this.word(Field.zoneProtocol));
  }

  get zoneDirection(): ZoneDirection {
    return zoneDirectionIn(this.word(Field.zoneProtocol));
  }

  get mark(): number {
    return this.word(Field.mark) >>> 0;
  }

  /** {@link Status} bits. */
  get status(): number {
    return this.word(Field.status);
  }

  get assured(): boolean {
    return (this.status & Status.assured) !== 0;
  }

  get replied(): boolean {
    return (this.status & Status.seenReply) !== 0;
  }

  /** Ports of the original direction; of ICMP, what stands in their place. */
  get sourcePort(): number {
    return this.word(Field.portsOriginal) >>> 16;
  }

  get destinationPort(): number {
    return this.word(Field.portsOriginal) & 0xffff;
  }

  get original(): Tuple {
    return this.tuple(0);
  }

  get reply(): Tuple {
    return this.tuple(1);
  }

  /** Numbers of the local interfaces the connection runs through, 0 where there is none. */
  get interfaces(): readonly [number, number] {
    const both = this.word(Field.interfaces);
    return [both & 0xffff, both >>> 16];
  }

  /** Lifetime that was left, in ticks of 4 ms; not negative. */
  get ticksLeft(): number {
    return Math.max((this.word(Field.timeout) - this.takenTick) | 0, 0);
  }

  /** Lifetime that was left, in ns, to a tick. */
  get timeoutNs(): number {
    return this.ticksLeft * tickNs;
  }

  /** TCP state; null for other protocols. */
  get tcpState(): TcpState | null {
    return this.protocol === Protocol.tcp ? tcpStates[tcpStateOf(this.words, this.base)]! : null;
  }

  /** TcpTrackFlag bits of a direction. */
  tcpFlags(direction: 0 | 1): number {
    return flagsOf(this.words, this.base, direction);
  }

  windowScale(direction: 0 | 1): number {
    return scaleOf(this.words, this.base, direction);
  }

  /** Whether that direction's window says what another copy's does. */
  sameWindow(other: ConnectionSnapshot, direction: 0 | 1): boolean {
    const first = Field.windowOriginal + 4 * direction;
    for (let field = first; field < first + 4; field++)
      if (this.word(field) !== other.word(field)) return false;
    return true;
  }

  /** Whether anything is known of that direction's window: without, no segment is checked against it. */
  knowsWindow(direction: 0 | 1): boolean {
    return this.word(Field.windowOriginal + 4 * direction + Window.maxEnd) !== 0;
  }

  /** Names the connection: zone, protocol and original tuple. The same in every copy. */
  get identity(): string {
    return `${this.zone} ${this.protocol} ${tupleText(this.original)}`;
  }

  private word(field: number): number {
    return this.words[this.base + field]!;
  }

  private tuple(direction: number): Tuple {
    const width = addressWords(this.family);
    const source = this.base + Field.addresses + 2 * width * direction;
    const ports = this.word(Field.portsOriginal + direction);
    const icmp = this.protocol === Protocol.icmp || this.protocol === Protocol.icmpv6;
    return {
      source: readAddress(this.words, source, this.family),
      destination: readAddress(this.words, source + width, this.family),
      protocol: this.protocol,
      sourcePort: icmp ? 0 : ports >>> 16,
      destinationPort: icmp ? 0 : ports & 0xffff,
      icmpId: icmp ? ports >>> 16 : 0,
      icmpType: icmp ? (ports >>> 8) & 255 : 0,
      icmpCode: icmp ? ports & 255 : 0,
    };
  }
}

/** The address whose words begin at `at`. */
export function readAddress(words: Int32Array, at: number, family: 4 | 6): Address {
  if (family === 4) return ipv4(words[at]!);
  return addressOf(family, words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!);
}

/** `10.0.1.2:40000>10.0.2.2:80`; for ICMP `10.0.1.2>10.0.2.2 type=8 id=5`. */
export function tupleText(tuple: Tuple): string {
  const source = formatAddress(tuple.source);
  const destination = formatAddress(tuple.destination);
  if (tuple.protocol === Protocol.icmp || tuple.protocol === Protocol.icmpv6)
    return `${source}>${destination} type=${tuple.icmpType} id=${tuple.icmpId}`;
  return `${source}:${tuple.sourcePort}>${destination}:${tuple.destinationPort}`;
}
