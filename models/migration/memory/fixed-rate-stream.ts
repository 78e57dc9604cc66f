import { assert } from '../../../sim/assert.ts';
import { Signal } from '../../../sim/signal.ts';
import type { Simulation } from '../../../sim/simulation.ts';
import { transferNs } from '../../../sim/time.ts';
import { nobodyWaits, type Stream } from '../../network/stream.ts';

/** A stream that has a line of its own: what validation and published cases are measured on. */
export class FixedRateStream implements Stream {
  private readonly simulation: Simulation;
  private readonly rateBps: number;
  readonly delayNs: number;
  private left: (() => void) | null = null;

  constructor(simulation: Simulation, line: { readonly rateBps: number; readonly delayNs: number }) {
    this.simulation = simulation;
    this.rateBps = line.rateBps;
    this.delayNs = line.delayNs;
  }

  send(bytes: number, capBps: number, left: () => void = nobodyWaits): Signal<void> {
    assert(this.left === null, 'a stream carries one transfer at a time');
    const arrived = new Signal<void>();
    this.left = left;
    const rateBps = Math.min(this.rateBps, capBps);
    const sendNs = rateBps === Infinity ? 0 : transferNs(bytes, rateBps);
    this.simulation.schedule(sendNs, this.leave, arrived);
    return arrived;
  }

  private readonly leave = (arrived: Signal<void>): void => {
    const { left } = this;
    this.left = null;
    this.simulation.schedule(this.delayNs, arrive, arrived);
    left?.();
  };
}

function arrive(arrived: Signal<void>): void {
  arrived.fire();
}
