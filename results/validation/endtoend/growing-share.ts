import { Signal } from '../../../sim/signal.ts';
import { noEvent } from '../../../sim/event-queue.ts';
import type { Simulation } from '../../../sim/simulation.ts';
import type { FluidStream } from '../../../models/network/fluid-stream.ts';
import type { EndingStream } from '../../../models/network/stream.ts';
import { ms } from '../../../sim/time.ts';
import { contextShare } from './rig.ts';

/** How often the share is set anew. */
const stepNs = 20 * ms;

/**
 * A connection that is idle between its transfers: in each its share begins small and doubles every so often, and what
 * it sends stands behind what is in the link's queue by then.
 */
export class GrowingShare implements EndingStream {
  private readonly simulation: Simulation;
  private readonly inner: FluidStream;
  private readonly queueNs: () => number;
  private step = noEvent;

  /** `queueNs`: how long what is sent now waits in the link's queue. */
  constructor(simulation: Simulation, inner: FluidStream, queueNs: () => number) {
    this.simulation = simulation;
    this.inner = inner;
    this.queueNs = queueNs;
  }

  get delayNs(): number {
    return this.inner.delayNs;
  }

  send(bytes: number, capBps: number, left?: () => void): Signal<void> {
    this.inner.setWeight(contextShare.initialWeight);
    const sent = this.inner.send(bytes, capBps, left);
    const queueNs = this.queueNs();
    const arrived = new Signal<void>();
    this.step = this.simulation.schedule(stepNs, growShare, this);
    sent.listen(() => {
      this.simulation.cancel(this.step);
      this.simulation.schedule(queueNs, fire, arrived);
    });
    return arrived;
  }

  close(): number {
    this.simulation.cancel(this.step);
    return this.inner.close();
  }

  /** Called every step of a transfer. */
  grow(): void {
    const factor = 2 ** (stepNs / contextShare.doublingNs);
    const weight = Math.min(contextShare.finalWeight, this.inner.weight * factor);
    this.inner.setWeight(weight);
    if (weight < contextShare.finalWeight) this.step = this.simulation.schedule(stepNs, growShare, this);
  }
}

function fire(signal: Signal<void>): void {
  signal.fire();
}

function growShare(share: GrowingShare): void {
  share.grow();
}
