import { assert } from '../../sim/assert.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { s } from '../../sim/time.ts';
import { Flood } from './flood.ts';
import { broadcastMac, type Frame, type FrameSink, type Mac } from './frame.ts';
import { Link } from './link.ts';

/** How long a MAC is remembered since its last frame (IEEE 802.1Q, 8.8.3, recommended default). */
const ageingNs = 300 * s;

/** What a switch tells about its work. */
export interface SwitchObserver {
  /** A MAC was found at a port where it was not before, by the switch of that name. */
  learnt(mac: Mac, port: number, place: string): void;
  /** The frame is about to leave by so many ports; by none where it came from the only one it could go to. */
  forwarded(frame: Frame, place: string, copies: number): void;
}

/**
 * A learning switch. It learns by itself from the source of each frame it sees, announcements like any other,
 * after `learnDelayNs` (0 for at once); until then the old port stays in force. It floods what it does not know
 * and broadcasts; it never sends a frame back where it came from.
 */
export class Switch {
  readonly place: string;
  private readonly simulation: Simulation;
  private readonly learnDelayNs: number;
  private readonly ports: FrameSink[] = [];
  /** The ports behind which somebody learns from announcements: at interfaces of VMs nobody does, and there are many. */
  private readonly hearing: number[] = [];
  /** By MAC: the port where it is, where it was seen last, and when; -1 as the time of one that is not known. */
  private places = new Float64Array(0);
  private readonly observer: SwitchObserver;

  constructor(simulation: Simulation, place: string, learnDelayNs: number, observer: SwitchObserver) {
    this.simulation = simulation;
    this.place = place;
    this.learnDelayNs = learnDelayNs;
    this.observer = observer;
  }

  /**
   * Adds a port that sends to `output`; returns what takes the frames that come in by it. `hears`: whether announcements
   * mean anything to who is there.
   */
  attach(output: FrameSink, hears: boolean): SwitchPort {
    const port = this.ports.length;
    this.ports.push(output);
    if (hears) this.hearing.push(port);
    return new SwitchPort(this, port);
  }

  /** The port where frames for `mac` go, or -1 when they are flooded. */
  portOf(mac: Mac): number {
    const place = mac * placeColumns;
    if (!this.knows(place)) return -1;
    return this.simulation.nowNs - this.places[place + seenNs]! > ageingNs ? -1 : this.places[place]!;
  }

  receive(port: number, frame: Frame): void {
    assert(port < this.ports.length, 'a frame comes in by a port of the switch');
    this.see(frame.sourceMac, port);
    const known = frame.destinationMac === broadcastMac ? -1 : this.portOf(frame.destinationMac);
    if (known === port) this.observer.forwarded(frame, this.place, 0);
    else if (known < 0) this.flood(port, frame);
    else {
      this.observer.forwarded(frame, this.place, 1);
      this.ports[known]!.send(frame);
    }
  }

  private flood(incoming: number, frame: Frame): void {
    this.observer.forwarded(frame, this.place, this.ports.length - 1);
    if (frame.packet === null) {
      this.spread(incoming, frame);
      return;
    }
    for (let port = 0; port < this.ports.length; port++) {
      if (port !== incoming) this.ports[port]!.send(frame);
    }
  }

  /** Sends an announcement to all who hear it. */
  private spread(incoming: number, frame: Frame): void {
    const { hearing } = this;
    if (hearing.length === 1 && hearing[0] === incoming) return;
    const flood = new Flood(this.simulation, frame);
    for (const port of hearing) {
      if (port === incoming) continue;
      const output = this.ports[port]!;
      if (output instanceof Link) output.join(flood);
      else output.send(frame);
    }
  }

  private see(mac: Mac, port: number): void {
    const place = mac * placeColumns;
    const known = this.knows(place);
    if (known && this.places[place] === port) {
      this.places[place + seenNs] = this.simulation.nowNs;
      this.places[place + nextPort] = port;
      return;
    }
    if (this.learnDelayNs === 0) this.learn(mac, port);
    else if (!known || this.places[place + nextPort] !== port) this.learnLater(mac, port, known);
  }

  private learnLater(mac: Mac, port: number, known: boolean): void {
    if (known) this.places[mac * placeColumns + nextPort] = port;
    this.simulation.schedule(this.learnDelayNs, learnNow, { learner: this, mac, port });
  }

  /** Called when a learning delay is over; what was seen elsewhere meanwhile wins. */
  learn(mac: Mac, port: number): void {
    const place = mac * placeColumns;
    const known = this.knows(place);
    if (known && this.learnDelayNs > 0 && this.places[place + nextPort] !== port) return;
    if (place >= this.places.length) this.widen(mac);
    this.places[place] = port;
    this.places[place + nextPort] = port;
    this.places[place + seenNs] = this.simulation.nowNs;
    this.observer.learnt(mac, port, this.place);
  }

  /** It has lost power: it floods until it has learnt anew. */
  forget(): void {
    this.places.fill(-1);
  }

  private knows(place: number): boolean {
    return place < this.places.length && this.places[place + seenNs]! >= 0;
  }

  private widen(mac: Mac): void {
    const wider = new Float64Array(Math.ceil((mac + 1) * 1.25) * placeColumns).fill(-1);
    wider.set(this.places);
    this.places = wider;
  }
}

/** Columns of a place after its port. */
const nextPort = 1;
const seenNs = 2;
const placeColumns = 3;

/** Where frames enter a switch: the receiving end of a link towards it. */
export class SwitchPort implements FrameSink {
  private readonly owner: Switch;
  readonly index: number;

  constructor(owner: Switch, index: number) {
    this.owner = owner;
    this.index = index;
  }

  send(frame: Frame): void {
    this.owner.receive(this.index, frame);
  }
}

function learnNow(pending: { learner: Switch; mac: Mac; port: number }): void {
  pending.learner.learn(pending.mac, pending.port);
}
