import { assert } from '../../sim/assert.ts';
import { Signal } from '../../sim/signal.ts';
import { noEvent } from '../../sim/event-queue.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { s } from '../../sim/time.ts';
import { fairShare, type ElasticFlow } from './fair-share.ts';
import type { Link } from './link.ts';
import type { Stream } from './stream.ts';

/** How long packet demand is averaged and how often rates are solved anew while fluid flows, by default: 10 ms. */
export const fluidIntervalNs = 10_000_000;

/**
 * Streams of bytes that share links as fluid, beside packets.
 *
 * The one rule: rates are weighted max–min fair; on each link the packets count as one elastic flow of weight 1
 * whose demand is what was offered there during the last interval; packets are served at what the fluid leaves,
 * never below the share that one more elastic flow would get. Rates are solved when a stream starts, ends or
 * changes its cap, and every interval while one is under way.
 */
export class FluidNetwork {
  private readonly simulation: Simulation;
  private readonly intervalNs: number;
  private readonly active = new Set<FluidStream>();
  private readonly used = new Set<Link>();
  private solvedNs = 0;
  private event = noEvent;

  constructor(simulation: Simulation, intervalNs: number) {
    assert(intervalNs > 0, 'packet demand is averaged over some time');
    this.simulation = simulation;
    this.intervalNs = intervalNs;
  }

  /** A stream over the links in order; shares of a bottleneck go by weight. */
  stream(path: readonly Link[], weight: number): FluidStream {
    for (const link of path) link.watchDemand(this.intervalNs);
    return new FluidStream(this, path, weight);
  }

  /** bit/s of all streams that cross the link now. */
  loadBps(link: Link): number {
    let loadBps = 0;
    for (const { path, rateBps } of this.active) if (path.includes(link)) loadBps += rateBps;
    return loadBps;
  }

  /** Called by a stream that starts or changes its cap. */
  update(stream: FluidStream): void {
    this.advance();
    this.active.add(stream);
    for (const link of stream.path) this.used.add(link);
    this.solve();
  }

  /** Moves every stream on at its present rate up to now. */
  private advance(): void {
    const nowNs = this.simulation.nowNs;
    const elapsedNs = nowNs - this.solvedNs;
    this.solvedNs = nowNs;
    for (const stream of this.active) stream.advance(elapsedNs);
  }

  private solve(): void {
    const links = [...this.used];
    const index = new Map(links.map((link, place) => [link, place]));
    const flows: ElasticFlow[] = [...this.active].map((stream) => ({
      links: stream.path.map((link) => index.get(link)!),
      weight: stream.weight,
      capBps: stream.capBps,
    }));
    const packets = links.map((link, place) => ({
      links: [place],
      weight: 1,
      capBps: link.packetDemandBps,
    }));
    const capacities = links.map((link) => (link.isUp ? link.rateBps : 0));
    const rates = fairShare(capacities, [...flows, ...packets.filter((flow) => flow.capBps > 0)]);
    let place = 0;
    for (const stream of this.active) stream.rateBps = rates[place++]!;
    for (const link of links) this.leaveToPackets(link);
    this.scheduleNext();
  }

  private leaveToPackets(link: Link): void {
    let fluidBps = 0;
    let weight = 0;
    for (const stream of this.active) {
      if (!stream.path.includes(link)) continue;
      fluidBps += stream.rateBps;
      weight += stream.weight;
    }
    link.servePacketsAt(Math.max(link.rateBps - fluidBps, link.rateBps / (1 + weight)));
    if (weight === 0) this.used.delete(link);
  }

  private scheduleNext(): void {
    this.simulation.cancel(this.event);
    if (this.active.size === 0) return;
    let delayNs = this.intervalNs;
    for (const stream of this.active) delayNs = Math.min(delayNs, stream.remainingNs());
    this.event = this.simulation.schedule(delayNs, next, this);
  }

  /** Called at the end of an interval and when a stream's last byte leaves. */
  next(): void {
    this.advance();
    const ended = [...this.active].filter((stream) => stream.finished());
    for (const stream of ended) this.active.delete(stream);
    this.solve();
    for (const stream of ended) this.simulation.schedule(stream.delayNs, arrived, stream);
  }
}

/** One fluid stream. The time of the last byte is its departure plus the delays of the links. */
export class FluidStream implements Stream {
  readonly path: readonly Link[];
  readonly weight: number;
  readonly delayNs: number;
  capBps = Infinity;
  rateBps = 0;
  private readonly network: FluidNetwork;
  private remainingBits = 0;
  private arrival: Signal<void> | null = null;

  constructor(network: FluidNetwork, path: readonly Link[], weight: number) {
    assert(path.length > 0, 'a stream crosses a link');
    this.network = network;
    this.path = path;
    this.weight = weight;
    this.delayNs = path.reduce((sum, link) => sum + link.delayNs, 0);
  }

  send(bytes: number, capBps: number): Signal<void> {
    assert(this.arrival === null, 'one transfer at a time');
    assert(bytes >= 0, 'a transfer has a size');
    this.remainingBits = bytes * 8;
    this.capBps = capBps;
    this.rateBps = 0;
    const arrival = new Signal<void>();
    this.arrival = arrival;
    this.network.update(this);
    return arrival;
  }

  /** Changes the cap of the transfer under way, or of none. */
  setCap(capBps: number): void {
    this.capBps = capBps;
    if (this.remainingBits > 0) this.network.update(this);
  }

  /** Bits that have not left yet, of the transfer under way. */
  get unsentBytes(): number {
    return this.remainingBits / 8;
  }

  advance(elapsedNs: number): void {
    this.remainingBits = Math.max(0, this.remainingBits - (this.rateBps * elapsedNs) / s);
  }

  /** A remainder that takes less than a nanosecond has left: times are whole nanoseconds. */
  finished(): boolean {
    return this.remainingBits * s <= this.rateBps;
  }

  remainingNs(): number {
    if (this.remainingBits === 0) return 0;
    return this.rateBps === 0 ? Infinity : Math.ceil((this.remainingBits * s) / this.rateBps);
  }

  arrive(): void {
    const arrival = this.arrival;
    assert(arrival !== null, 'only a transfer under way arrives');
    this.arrival = null;
    arrival.fire();
  }
}

function next(network: FluidNetwork): void {
  network.next();
}

function arrived(stream: FluidStream): void {
  stream.arrive();
}
