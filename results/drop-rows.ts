import { formatAddress } from '../models/network/address.ts';
import type { Address } from '../models/network/address.ts';
import { packetBytes } from '../models/network/packet.ts';
import type { Intent } from '../models/network/packet.ts';
import type { DropCause, PacketDropped } from '../models/observations.ts';
import { Column } from './column.ts';
import { WordList } from './word-list.ts';

/** One dropped packet, as it is written to drops.csv. Time in ns, size in bytes from the IP header on. */
export interface DropRow {
  readonly timeNs: number;
  readonly place: string;
  readonly cause: DropCause;
  readonly intent: Intent;
  readonly flow: number;
  readonly protocol: number;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly tcpFlags: number;
  readonly bytes: number;
}

/** All dropped packets of a run in columns, and their number by cause and intent. */
export class DropRows {
  private readonly timeNs = new Column('float64');
  private readonly place = new Column('int32');
  private readonly cause = new Column('uint8');
  private readonly intent = new Column('uint8');
  private readonly flow = new Column('int32');
  private readonly protocol = new Column('uint8');
  private readonly source = new Column('int32');
  private readonly sourcePort = new Column('int32');
  private readonly destination = new Column('int32');
  private readonly destinationPort = new Column('int32');
  private readonly tcpFlags = new Column('uint8');
  private readonly bytes = new Column('float64');
  private readonly words = new WordList();
  private readonly ipv4Numbers = new Map<number, number>();
  private readonly causes: DropCause[] = [];
  private readonly intents: Intent[] = [];

  get length(): number {
    return this.timeNs.length;
  }

  push(drop: PacketDropped): void {
    const packet = drop.packet;
    this.timeNs.push(drop.timeNs);
    this.place.push(this.words.number(drop.place));
    this.cause.push(numberIn(this.causes, drop.cause));
    this.intent.push(numberIn(this.intents, packet.intent));
    this.flow.push(packet.flow);
    this.protocol.push(packet.protocol);
    this.source.push(this.addressNumber(packet.source));
    this.sourcePort.push(packet.sourcePort);
    this.destination.push(this.addressNumber(packet.destination));
    this.destinationPort.push(packet.destinationPort);
    this.tcpFlags.push(packet.tcpFlags);
    this.bytes.push(packetBytes(packet));
  }

  row(row: number): DropRow {
    return {
      timeNs: this.timeNs.at(row),
      place: this.words.word(this.place.at(row)),
      cause: this.causes[this.cause.at(row)]!,
      intent: this.intents[this.intent.at(row)]!,
      flow: this.flow.at(row),
      protocol: this.protocol.at(row),
      source: this.words.word(this.source.at(row)),
      sourcePort: this.sourcePort.at(row),
      destination: this.words.word(this.destination.at(row)),
      destinationPort: this.destinationPort.at(row),
      tcpFlags: this.tcpFlags.at(row),
      bytes: this.bytes.at(row),
    };
  }

  /** How many packets were dropped with each cause and intent; the visitor is called once for each pair that occurs. */
  countByCauseAndIntent(visit: (cause: DropCause, intent: Intent, count: number) => void): void {
    const counts = new Map<number, number>();
    for (let row = 0; row < this.length; row++) {
      const pair = this.cause.at(row) * 256 + this.intent.at(row);
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
    for (const [pair, count] of counts) visit(this.causes[pair >> 8]!, this.intents[pair & 255]!, count);
  }

  /** Shows the place, cause and intent of every dropped packet, in order of time. */
  visitPlaces(see: (place: string, cause: DropCause, intent: Intent) => void): void {
    for (let row = 0; row < this.length; row++)
      see(
        this.words.word(this.place.at(row)),
        this.causes[this.cause.at(row)]!,
        this.intents[this.intent.at(row)]!,
      );
  }

  /** An IPv4 address is one number; its text is made once. */
  private addressNumber(address: Address): number {
    if (address.family === 6) return this.words.number(formatAddress(address));
    const known = this.ipv4Numbers.get(address.w3);
    if (known !== undefined) return known;
    const number = this.words.number(formatAddress(address));
    this.ipv4Numbers.set(address.w3, number);
    return number;
  }
}

function numberIn<T>(list: T[], value: T): number {
  const known = list.indexOf(value);
  return known >= 0 ? known : list.push(value) - 1;
}
