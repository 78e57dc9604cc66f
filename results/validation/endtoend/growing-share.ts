import { Signal } from '../../../sim/signal.ts';
import { noEvent } from '../../../sim/event-queue.ts';
import type { Simulation } from '../../../sim/simulation.ts';
import type { FluidStream } from '../../../models/network/fluid-stream.ts';
import type { Stream } from '../../../models/network/stream.ts';
import { ms } from '../../../sim/time.ts';
import { contextShare } from './rig.ts';

/** How often the share is set anew. */
const stepNs = 20 * ms;

/** A connection that is idle between its transfers: in each its share begins small and doubles every so often. */
export class GrowingShare implements Stream {
  readonly #simulation: Simulation;
  readonly #inner: FluidStream;
  #step = noEvent;

  constructor(simulation: Simulation, inner: FluidStream) {
    this.#simulation = simulation;
    this.#inner = inner;
  }

  send(bytes: number, capBps: number): Signal<void> {
    this.#inner.setWeight(contextShare.initialWeight);
    const arrived = this.#inner.send(bytes, capBps);
    this.#step = this.#simulation.schedule(stepNs, growShare, this);
    arrived.listen(() => {
      this.#simulation.cancel(this.#step);
    });
    return arrived;
  }

  /** Called every step of a transfer. */
  grow(): void {
    const factor = 2 ** (stepNs / contextShare.doublingNs);
    const weight = Math.min(contextShare.finalWeight, this.#inner.weight * factor);
    this.#inner.setWeight(weight);
    if (weight < contextShare.finalWeight) this.#step = this.#simulation.schedule(stepNs, growShare, this);
  }
}

function growShare(share: GrowingShare): void {
  share.grow();
}
