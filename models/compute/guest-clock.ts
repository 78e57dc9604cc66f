import { assert } from '../../sim/assert.ts';
import type { Simulation } from '../../sim/simulation.ts';

/** What can slow a guest down. Each cause has its own rate; the clock runs at their product. */
export type ClockCause = 'pause' | 'throttle' | 'cpu' | 'fault';

/**
 * The time that a guest has lived. It runs at a rate from 0 (frozen) to 1: a pause, vCPU throttling, CPU
 * shortage and post-copy stalls all act on it. Memory writing and guest endpoints read it.
 */
export class GuestClock {
  private readonly simulation: Simulation;
  private readonly rates: Record<ClockCause, number> = { pause: 1, throttle: 1, cpu: 1, fault: 1 };
  private readonly listeners: (() => void)[] = [];
  private product = 1;
  private sinceNs: number;
  private guestSinceNs = 0;

  constructor(simulation: Simulation) {
    this.simulation = simulation;
    this.sinceNs = simulation.nowNs;
  }

  /** How fast guest time runs: 0 while anything freezes the guest, 1 when nothing slows it. */
  get rate(): number {
    return this.product;
  }

  /** Guest time in whole nanoseconds since the clock was made. */
  get guestNs(): number {
    return Math.floor(this.guestSinceNs + (this.simulation.nowNs - this.sinceNs) * this.product);
  }

  /** Sets what one cause leaves of the guest's speed, from now on. */
  setRate(rate: number, cause: ClockCause): void {
    assert(rate >= 0 && rate <= 1, 'a guest clock runs at a rate from 0 to 1');
    if (this.rates[cause] === rate) return;
    this.guestSinceNs += (this.simulation.nowNs - this.sinceNs) * this.product;
    this.sinceNs = this.simulation.nowNs;
    this.rates[cause] = rate;
    this.product = this.rates.pause * this.rates.throttle * this.rates.cpu * this.rates.fault;
    for (const listener of this.listeners) listener();
  }

  /** The simulated time at which guest time reaches `guestNs` if the rate stays; Infinity while frozen. */
  timeOf(guestNs: number): number {
    const restNs = guestNs - this.guestSinceNs - (this.simulation.nowNs - this.sinceNs) * this.product;
    if (restNs <= 0) return this.simulation.nowNs;
    return this.product === 0 ? Infinity : this.simulation.nowNs + Math.ceil(restNs / this.product);
  }

  /** Calls back after each change of the rate. Returns what ends the listening. */
  listen(callback: () => void): () => void {
    this.listeners.push(callback);
    return () => {
      const place = this.listeners.indexOf(callback);
      if (place >= 0) this.listeners.splice(place, 1);
    };
  }
}
