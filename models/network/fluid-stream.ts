import { assert } from '../../sim/assert.ts';
import { noEvent } from '../../sim/event-queue.ts';
import { Signal } from '../../sim/signal.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { s } from '../../sim/time.ts';
import type { FluidLink } from './fluid-link.ts';
import type { FluidNetwork } from './fluid-network.ts';
import { lossyThroughputBps } from './lossy-throughput.ts';
import { nobodyWaits, type EndingStream } from './stream.ts';
import type { StreamSettings } from './stream-settings.ts';
import { SlowStart } from './slow-start.ts';

/** Over which links a stream goes, in order, and its share of a bottleneck. */
interface Course {
  readonly path: readonly FluidLink[];
  readonly weight: number;
  readonly settings: StreamSettings;
}

/** One fluid stream. The time of the last byte is its departure plus the delays of the links. */
export class FluidStream implements EndingStream {
  readonly path: readonly FluidLink[];
  /** Its share of a bottleneck against others'; see {@link setWeight}. */
  weight: number;
  /** What it may have at most: as its sender wants, and as a lossy path and slow start let it. */
  capBps = Infinity;
  rateBps = 0;
  /** The visit of the solver that met this stream last, and the rate that it found; -1 while it still grows. */
  visit = 0;
  solvedBps = 0;
  private readonly network: FluidNetwork;
  private readonly simulation: Simulation;
  private readonly settings: StreamSettings;
  private readonly lineRateBps: number;
  readonly delayNs: number;
  private wantedBps = Infinity;
  private lossBps = Infinity;
  /** The share of what it sends that arrives; the rest is sent again. */
  private arriving = 1;
  /** What is to be sent, and sent again where the loss stays as it is. */
  private remainingBits = 0;
  private advancedNs = 0;
  private event = noEvent;
  /** When the event comes; Infinity while none is pending. */
  private eventNs = Infinity;
  /** Called when the transfer under way has left; null without one. */
  private left: (() => void) | null = null;
  /** Of transfers that have not arrived, in order. */
  private readonly arrivals: Signal<void>[] = [];
  /** Null where connections are as fast as their path at once. */
  private readonly start: SlowStart | null;
  private starting = false;
  private startEvent = noEvent;

  constructor(network: FluidNetwork, simulation: Simulation, { path, weight, settings }: Course) {
    assert(path.length > 0, 'a stream crosses a link');
    assert(weight > 0, 'a stream has a positive weight');
    this.network = network;
    this.simulation = simulation;
    this.path = path;
    this.weight = weight;
    this.settings = settings;
    this.lineRateBps = Math.min(...path.map(({ link }) => link.lineRateBps));
    this.delayNs = path.reduce((sum, { link }) => sum + link.delayNs, 0);
    const slow = settings.start === 'slow-start' && this.delayNs > 0;
    this.start = slow ? new SlowStart(settings.age, 2 * this.delayNs) : null;
  }

  send(bytes: number, capBps: number, left: () => void = nobodyWaits): Signal<void> {
    assert(this.left === null, 'one transfer at a time');
    assert(bytes >= 0, 'a transfer has a size');
    const arrival = new Signal<void>();
    this.arrivals.push(arrival);
    this.remainingBits = bytes * 8;
    this.wantedBps = capBps;
    this.capBps = capBps;
    this.arriving = 1;
    this.lossBps = Infinity;
    this.rateBps = 0;
    this.advancedNs = this.simulation.nowNs;
    if (bytes === 0) {
      this.simulation.schedule(this.delayNs, arrive, this);
      left();
    } else {
      this.left = left;
      this.startSlowly();
      this.network.begin(this);
    }
    return arrival;
  }

  close(): number {
    this.advance();
    if (this.remainingBits === 0) return 0;
    const unsent = (this.remainingBits * this.arriving) / 8;
    if (this.eventNs !== Infinity) this.simulation.cancel(this.event);
    this.remainingBits = 0;
    this.eventNs = Infinity;
    this.left = null;
    this.arrivals.pop();
    this.network.end(this);
    this.rest();
    return unsent;
  }

  /** Changes the weight of the transfer under way, or of those to come. */
  setWeight(weight: number): void {
    assert(weight > 0, 'a stream has a positive weight');
    const by = weight - this.weight;
    this.weight = weight;
    if (this.remainingBits === 0) return;
    this.boundByLoss();
    this.network.reweigh(this, by);
  }

  /** Called when the loss of a link on the path may have changed: it bounds the rate, and what is lost is sent again. */
  boundByLoss(): void {
    this.advance();
    const before = this.arriving;
    this.arriving = this.path.reduce((share, { loss }) => share * (1 - loss), 1);
    this.remainingBits *= before / this.arriving;
    const { settings, lineRateBps, arriving } = this;
    const deliveredBps = lossyThroughputBps(settings.age, {
      lineRateBps,
      roundTripNs: 2 * this.delayNs,
      loss: 1 - arriving,
    });
    // What is lost is sent as well.
    this.lossBps = (this.connections * deliveredBps) / arriving;
    this.bound();
    // The rate may stay the same: the end is not where it was.
    if (this.rateBps > 0) this.setRate(this.rateBps);
  }

  /** Called when a round trip of slow start is over. */
  open(): void {
    const { start, simulation } = this;
    assert(start !== null, 'only slow start opens');
    start.open();
    this.starting = start.timeTo(this.reachableBps) > 0;
    if (this.starting) this.startEvent = simulation.scheduleAt(start.opensNs, open, this);
    this.bound();
    this.network.recap(this);
  }

  /** From now on bits leave at this rate. */
  setRate(rateBps: number): void {
    this.advance();
    this.rateBps = rateBps;
    this.schedule();
  }

  /** Called when the last bit may have left: by then the rate may have fallen. */
  leave(): void {
    this.eventNs = Infinity;
    this.advance();
    // A remainder that takes less than a nanosecond has left: times are whole nanoseconds.
    if (this.remainingBits * s > this.rateBps) {
      this.schedule();
      return;
    }
    this.remainingBits = 0;
    this.network.end(this);
    this.rest();
    this.simulation.schedule(this.delayNs, arrive, this);
    const { left } = this;
    this.left = null;
    left?.();
  }

  arrive(): void {
    const arrival = this.arrivals.shift();
    assert(arrival !== undefined, 'only a transfer under way arrives');
    arrival.fire();
  }

  /** A weight of several is that of so many connections. */
  private get connections(): number {
    return Math.max(1, this.weight);
  }

  /** What one of its connections may come to. */
  private get reachableBps(): number {
    return Math.min(this.wantedBps, this.lossBps / this.connections, this.lineRateBps);
  }

  private bound(): void {
    const startBps = this.starting ? this.start!.rateBps * this.connections : Infinity;
    this.capBps = Math.min(this.wantedBps, this.lossBps, startBps);
  }

  /** Slow start that would be over within a tenth of the time after which links are looked at is left out. */
  private startSlowly(): void {
    const { start, settings, simulation } = this;
    if (start === null) return;
    const { nowNs } = simulation;
    start.resume(nowNs);
    const atOnce = start.holds(this.remainingBits, nowNs);
    this.starting = !atOnce && start.timeTo(this.reachableBps) > settings.intervalNs / 10;
    if (this.starting) this.startEvent = simulation.scheduleAt(start.opensNs, open, this);
  }

  private rest(): void {
    const { start, simulation } = this;
    if (start !== null) {
      if (this.starting) start.pause(simulation.nowNs);
      else start.rest(simulation.nowNs, this.rateBps / this.connections);
      simulation.cancel(this.startEvent);
    }
    this.rateBps = 0;
  }

  private advance(): void {
    const { nowNs } = this.simulation;
    this.remainingBits = Math.max(0, this.remainingBits - (this.rateBps * (nowNs - this.advancedNs)) / s);
    this.advancedNs = nowNs;
  }

  /** An event that comes too early looks again; only one that comes too late is moved. */
  private schedule(): void {
    if (this.rateBps === 0) return;
    const endNs = this.advancedNs + Math.ceil((this.remainingBits * s) / this.rateBps);
    if (endNs >= this.eventNs) return;
    if (this.eventNs === Infinity) this.event = this.simulation.scheduleAt(endNs, leave, this);
    else this.simulation.reschedule(this.event, endNs);
    this.eventNs = endNs;
  }
}

function leave(stream: FluidStream): void {
  stream.leave();
}

function open(stream: FluidStream): void {
  stream.open();
}

function arrive(stream: FluidStream): void {
  stream.arrive();
}
