import { assert } from '../../sim/assert.ts';
import { noEvent } from '../../sim/event-queue.ts';
import { Signal } from '../../sim/signal.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { s } from '../../sim/time.ts';
import type { FluidLink } from './fluid-link.ts';
import type { FluidNetwork } from './fluid-network.ts';
import { lossyThroughputBps } from './lossy-throughput.ts';
import type { EndingStream } from './stream.ts';

/** One fluid stream. The time of the last byte is its departure plus the delays of the links. */
export class FluidStream implements EndingStream {
  readonly path: readonly FluidLink[];
  /** Its share of a bottleneck against others'; see {@link setWeight}. */
  weight: number;
  /** What it may have at most: as its sender wants, and as a lossy path lets it. */
  capBps = Infinity;
  rateBps = 0;
  /** The visit of the solver that met this stream last, and the rate that it found; -1 while it still grows. */
  visit = 0;
  solvedBps = 0;
  private readonly network: FluidNetwork;
  private readonly simulation: Simulation;
  private readonly delayNs: number;
  private wantedBps = Infinity;
  /** The share of what it sends that arrives; the rest is sent again. */
  private arriving = 1;
  /** What is to be sent, and sent again where the loss stays as it is. */
  private remainingBits = 0;
  private advancedNs = 0;
  private event = noEvent;
  /** When the event comes; Infinity while none is pending. */
  private eventNs = Infinity;
  private arrival: Signal<void> | null = null;

  constructor(
    network: FluidNetwork,
    simulation: Simulation,
    { path, weight }: { readonly path: readonly FluidLink[]; readonly weight: number },
  ) {
    assert(path.length > 0, 'a stream crosses a link');
    assert(weight > 0, 'a stream has a positive weight');
    this.network = network;
    this.simulation = simulation;
    this.path = path;
    this.weight = weight;
    this.delayNs = path.reduce((sum, { link }) => sum + link.delayNs, 0);
  }

  send(bytes: number, capBps: number): Signal<void> {
    assert(this.arrival === null, 'one transfer at a time');
    assert(bytes >= 0, 'a transfer has a size');
    const arrival = new Signal<void>();
    this.arrival = arrival;
    this.remainingBits = bytes * 8;
    this.wantedBps = capBps;
    this.capBps = capBps;
    this.arriving = 1;
    this.rateBps = 0;
    this.advancedNs = this.simulation.nowNs;
    if (bytes === 0) this.simulation.schedule(this.delayNs, arrive, this);
    else this.network.begin(this);
    return arrival;
  }

  close(): number {
    this.advance();
    if (this.remainingBits === 0) return 0;
    const unsent = (this.remainingBits * this.arriving) / 8;
    if (this.eventNs !== Infinity) this.simulation.cancel(this.event);
    this.remainingBits = 0;
    this.eventNs = Infinity;
    this.network.end(this);
    this.rateBps = 0;
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
    const boundBps = this.weight * lossyThroughputBps(1 - this.arriving, 2 * this.delayNs);
    this.capBps = Math.min(this.wantedBps, boundBps);
    // The rate may stay the same: the end is not where it was.
    if (this.rateBps > 0) this.setRate(this.rateBps);
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
    this.rateBps = 0;
    this.simulation.schedule(this.delayNs, arrive, this);
  }

  arrive(): void {
    const arrival = this.arrival;
    assert(arrival !== null, 'only a transfer under way arrives');
    this.arrival = null;
    arrival.fire();
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

function arrive(stream: FluidStream): void {
  stream.arrive();
}
