import { assert } from '../../sim/assert.ts';
import type { Packet } from '../network/packet.ts';
import { packetBytes } from '../network/packet.ts';
import type { DropCause, Observations } from '../observations.ts';

/**
 * Books of every packet of guests and peers: sent = delivered + dropped + held + in flight, in bytes, at every
 * event. Who takes a packet over reports it here, so that none can vanish between two models.
 */
export class TrafficLedger {
  sentBytes = 0;
  sentPackets = 0;
  deliveredBytes = 0;
  droppedBytes = 0;
  heldBytes = 0;
  /** On a link, in a queue, or waiting for a CPU. */
  inFlightBytes = 0;
  readonly #observations: Observations;

  constructor(observations: Observations) {
    this.#observations = observations;
  }

  sent(packet: Packet): void {
    this.sentPackets += 1;
    this.sentBytes += packetBytes(packet);
  }

  delivered(packet: Packet): void {
    this.deliveredBytes += packetBytes(packet);
  }

  dropped(packet: Packet, cause: DropCause, place: string, timeNs: number): void {
    this.droppedBytes += packetBytes(packet);
    const probe = this.#observations.packetDropped;
    if (probe.observed) probe.publish({ timeNs, place, cause, packet });
  }

  /** The packet sits in a hold queue until it is released or dropped. */
  held(packet: Packet): void {
    this.heldBytes += packetBytes(packet);
  }

  released(packet: Packet): void {
    this.heldBytes -= packetBytes(packet);
  }

  entered(packet: Packet): void {
    this.inFlightBytes += packetBytes(packet);
  }

  left(packet: Packet): void {
    this.inFlightBytes -= packetBytes(packet);
  }

  /** Holds after every event. */
  check(): void {
    assert(this.heldBytes >= 0 && this.inFlightBytes >= 0, 'a packet was taken out that was never put in');
    assert(
      this.sentBytes === this.deliveredBytes + this.droppedBytes + this.heldBytes + this.inFlightBytes,
      'bytes sent differ from bytes delivered, dropped, held and in flight',
    );
  }
}
