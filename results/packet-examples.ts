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

interface KnownExample {
  example: PacketExample;
  afterPause: boolean;
}

/**
 * For each fate, cause, intent and place the packet that shows it: the first after a VM was paused for a move,
 * or, where there was none, the first of all.
 */
export class PacketExamples {
  private readonly all: KnownExample[] = [];
  /** The same by place: at one few kinds of events happen, so that a look through them takes less than a text for each packet. */
  private readonly byPlace = new Map<string, KnownExample[]>();
  private paused = false;

  /** From now on a packet counts as one after a pause. */
  pause(): void {
    this.paused = true;
  }

  see(fate: PacketFate, cause: string, place: string, timeNs: number, packet: Packet): void {
    const { intent, flow } = packet;
    const known = this.find(fate, cause, intent, place);
    if (known !== null && (known.afterPause || !this.paused)) return;
    const example = { fate, cause, place, intent, timeNs, flow, packet: packetText(packet) };
    if (known === null) this.add({ example, afterPause: this.paused });
    else {
      known.example = example;
      known.afterPause = this.paused;
    }
  }

  /** In the order of time. */
  list(): PacketExample[] {
    return this.all.map(({ example }) => example).sort((a, b) => a.timeNs - b.timeNs);
  }

  private find(fate: PacketFate, cause: string, intent: Intent, place: string): KnownExample | null {
    for (const known of this.byPlace.get(place) ?? []) {
      const { example } = known;
      if (example.fate === fate && example.cause === cause && example.intent === intent) return known;
    }
    return null;
  }

  private add(known: KnownExample): void {
    const { place } = known.example;
    const there = this.byPlace.get(place);
    if (there === undefined) this.byPlace.set(place, [known]);
    else there.push(known);
    this.all.push(known);
  }
}
