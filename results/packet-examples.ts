import type { Intent, Packet } from '../models/network/packet.ts';
import { packetText } from './packet-text.ts';

/** What happened to a packet that is kept as an example. */
export type PacketFate = 'attack-delivered' | 'dropped' | 'wrongly-accepted' | 'wrongly-dropped';

/** The packet that shows one kind of event; time in ns. */
export interface PacketExample {
  readonly fate: PacketFate;
  /** Of a drop or a divergence; empty for a delivery. */
  readonly cause: string;
  readonly intent: Intent;
  readonly place: string;
  readonly timeNs: number;
  readonly flow: number;
  readonly packet: string;
}

/**
 * For each fate, cause, intent and place the packet that shows it: the first after a VM was paused for a move,
 * or, where there was none, the first of all.
 */
export class PacketExamples {
  readonly #byKey = new Map<string, { example: PacketExample; afterPause: boolean }>();
  #paused = false;

  /** From now on a packet counts as one after a pause. */
  pause(): void {
    this.#paused = true;
  }

  see(
    about: { readonly fate: PacketFate; readonly cause: string; readonly place: string },
    timeNs: number,
    packet: Packet,
  ): void {
    const key = `${about.fate} ${about.cause} ${packet.intent} ${about.place}`;
    const known = this.#byKey.get(key);
    if (known !== undefined && (known.afterPause || !this.#paused)) return;
    const { intent, flow } = packet;
    const example = { ...about, intent, timeNs, flow, packet: packetText(packet) };
    this.#byKey.set(key, { example, afterPause: this.#paused });
  }

  /** In the order of time. */
  list(): PacketExample[] {
    return [...this.#byKey.values()].map(({ example }) => example).sort((a, b) => a.timeNs - b.timeNs);
  }
}
