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
  readonly #observations: Observations;
  #packets = 0;
  #sent = 0;
  #copied = 0;
  #delivered = 0;
  #dropped = 0;
  #filtered = 0;
  #held = 0;
  #inFlight = 0;

  constructor(observations: Observations) {
    this.#observations = observations;
  }

  /** Packets that guests and peers have sent. */
  get packetsSent(): number {
    return this.#packets;
  }

  sent(packet: Packet): void {
    this.#packets += 1;
    this.#sent += weight(packet);
  }

  /** A switch floods: so many packets more are under way. */
  copied(packet: Packet, copies: number): void {
    this.#copied += copies * weight(packet);
    this.#inFlight += copies * weight(packet);
  }

  delivered(packet: Packet): void {
    this.#delivered += weight(packet);
  }

  dropped(packet: Packet, cause: DropCause, place: string, timeNs: number): void {
    this.#dropped += weight(packet);
    const probe = this.#observations.packetDropped;
    if (probe.observed) probe.publish({ timeNs, place, cause, packet });
  }

  /** A flooded copy reached an interface that it was not meant for. */
  filtered(packet: Packet): void {
    this.#filtered += weight(packet);
  }

  held(packet: Packet): void {
    this.#held += weight(packet);
  }

  released(packet: Packet): void {
    this.#held -= weight(packet);
  }

  /** The packet is on a link, in a queue, or waits for a CPU. */
  entered(packet: Packet): void {
    this.#inFlight += weight(packet);
  }

  left(packet: Packet): void {
    this.#inFlight -= weight(packet);
  }

  /** Holds after every event. */
  check(): void {
    assert(this.#held >= 0 && this.#inFlight >= 0, 'a packet was taken out that was never put in');
    const accounted = this.#delivered + this.#dropped + this.#filtered + this.#held + this.#inFlight;
    assert(this.#sent + this.#copied === accounted, 'what was sent is delivered, dropped, held or in flight');
  }
}

function weight(packet: Packet): number {
  return packet.payloadBytes > 0 ? packet.payloadBytes : 1;
}
