import { assert } from '../../sim/assert.ts';
import type { Packet } from '../network/packet.ts';
import type { DropCause, Observations } from '../observations.ts';

/**
 * Books of every packet of guests and peers: sent + copied = delivered + dropped + filtered + held + in flight,
 * at every event. Who takes a packet over reports it here, so that none can vanish between two models.
 *
 * The unit is the payload byte, since large packets are split on their way; a packet without payload counts
 * as one.
 */
export class TrafficLedger {
  private readonly observations: Observations;
  private packets = 0;
  private sentSum = 0;
  private copiedSum = 0;
  private deliveredSum = 0;
  private droppedSum = 0;
  private filteredSum = 0;
  private heldSum = 0;
  private inFlight = 0;

  constructor(observations: Observations) {
    this.observations = observations;
  }

  /** Packets that guests and peers have sent. */
  get packetsSent(): number {
    return this.packets;
  }

  sent(packet: Packet): void {
    this.packets += 1;
    this.sentSum += weight(packet);
  }

  /** A switch floods: so many packets more are under way. */
  copied(packet: Packet, copies: number): void {
    this.copiedSum += copies * weight(packet);
    this.inFlight += copies * weight(packet);
  }

  delivered(packet: Packet): void {
    this.deliveredSum += weight(packet);
  }

  dropped(packet: Packet, cause: DropCause, place: string, timeNs: number): void {
    this.droppedSum += weight(packet);
    const probe = this.observations.packetDropped;
    if (probe.observed) probe.publish({ timeNs, place, cause, packet });
  }

  /** A flooded copy reached an interface that it was not meant for. */
  filtered(packet: Packet): void {
    this.filteredSum += weight(packet);
  }

  held(packet: Packet): void {
    this.heldSum += weight(packet);
  }

  released(packet: Packet): void {
    this.heldSum -= weight(packet);
  }

  /** The packet is on a link, in a queue, or waits for a CPU. */
  entered(packet: Packet): void {
    this.inFlight += weight(packet);
  }

  left(packet: Packet): void {
    this.inFlight -= weight(packet);
  }

  /** Holds after every event. */
  check(): void {
    assert(this.heldSum >= 0 && this.inFlight >= 0, 'a packet was taken out that was never put in');
    const accounted = this.deliveredSum + this.droppedSum + this.filteredSum + this.heldSum + this.inFlight;
    assert(
      this.sentSum + this.copiedSum === accounted,
      'what was sent is delivered, dropped, held or in flight',
    );
  }
}

function weight(packet: Packet): number {
  return packet.payloadBytes > 0 ? packet.payloadBytes : 1;
}
