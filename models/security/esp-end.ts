import { formatAddress, type Address } from '../network/address.ts';
import { changedPacket, type Packet } from '../network/packet.ts';
import { afterPacket, type ReplayWindow } from './replay-window.ts';

/** The other end of tunnels to VMs, which never moves: counters and replay windows for each VM's address. */
export class EspEnd {
  private readonly protects: (address: Address) => boolean;
  private readonly windowPackets: number;
  private readonly sent = new Map<string, number>();
  private readonly received = new Map<string, ReplayWindow>();

  constructor(protects: (address: Address) => boolean, windowPackets: number) {
    this.protects = protects;
    this.windowPackets = windowPackets;
  }

  /** The packet with the next sequence number of its SA; a recording with the number that it had. */
  protect(packet: Packet): Packet {
    if (!this.protects(packet.destination)) return packet;
    const key = formatAddress(packet.destination);
    const sent = this.sent.get(key) ?? 0;
    const before = -1 - packet.espSequence;
    const espSequence = before > 0 ? Math.max(0, sent - before) : sent + 1;
    this.sent.set(key, Math.max(sent, espSequence));
    return changedPacket(packet, { espSequence });
  }

  /** The packet without its number; null for one that has none, or a number that is not to come again. */
  accept(packet: Packet): Packet | null {
    if (!this.protects(packet.source)) return packet;
    const key = formatAddress(packet.source);
    const window = this.received.get(key) ?? { highest: 0, received: 0n };
    const next = packet.espSequence < 0 ? null : afterPacket(window, packet.espSequence, this.windowPackets);
    if (next === null) return null;
    this.received.set(key, next);
    return changedPacket(packet, { espSequence: -1 });
  }
}
