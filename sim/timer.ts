import { noEvent } from './event-queue.ts';
import type { Simulation } from './simulation.ts';

/** An alarm that is set and set anew again and again, and calls the same handler when it expires. */
export class Timer {
  private readonly simulation: Simulation;
  private readonly handler: () => void;
  private event = noEvent;

  constructor(simulation: Simulation, handler: () => void) {
    this.simulation = simulation;
    this.handler = handler;
  }

  get armed(): boolean {
    return this.simulation.isPending(this.event);
  }

  /** Lets it expire in `delayNs`, whether it was armed or not. */
  arm(delayNs: number): void {
    this.armAt(this.simulation.nowNs + delayNs);
  }

  armAt(timeNs: number): void {
    if (this.simulation.reschedule(this.event, timeNs)) return;
    this.event = this.simulation.scheduleAt(timeNs, expire, this);
  }

  /** Called by the simulation. */
  expire(): void {
    this.handler();
  }
}

function expire(timer: Timer): void {
  timer.expire();
}
