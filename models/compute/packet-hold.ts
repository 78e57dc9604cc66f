import { packetBytes, type Packet } from '../network/packet.ts';
import type { TrafficLedger } from './traffic-ledger.ts';

/** Packets that wait at an interface, in the order in which they came, up to so many bytes. */
export class PacketHold {
  private readonly ledger: TrafficLedger;
  private readonly bytesMax: number;
  private packets: Packet[] = [];
  private bytes = 0;

  constructor(ledger: TrafficLedger, bytesMax: number) {
    this.ledger = ledger;
    this.bytesMax = bytesMax;
  }

  /** Holds the packet; false when it finds no room. */
  add(packet: Packet): boolean {
    const bytes = packetBytes(packet);
    if (this.bytes + bytes > this.bytesMax) return false;
    this.packets.push(packet);
    this.bytes += bytes;
    this.ledger.held(packet);
    return true;
  }

  /** Takes out what is held, oldest first. It counts as held until whoever has it tells the ledger. */
  takeAll(): Packet[] {
    const packets = this.packets;
    this.packets = [];
    this.bytes = 0;
    return packets;
  }
}
