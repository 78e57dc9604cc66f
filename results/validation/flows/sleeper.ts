import { noEvent } from '../../../sim/event-queue.ts';
import type { TimerClock } from '../../../models/network/timer-clock.ts';

/** One alarm on a host's clock, which can be set anew and switched off. */
export class Sleeper {
  private readonly clock: TimerClock;
  private readonly wake: () => void;
  private event = noEvent;

  constructor(clock: TimerClock, wake: () => void) {
    this.clock = clock;
    this.wake = wake;
  }

  /** Wakes at this time of the host's clock, or at once if it has passed; not when it was set to before. */
  until(timeNs: number): void {
    this.clock.cancel(this.event);
    this.event = this.clock.schedule(Math.max(0, timeNs - this.clock.nowNs), wake, this);
  }

  off(): void {
    this.clock.cancel(this.event);
    this.event = noEvent;
  }

  /** Called by the clock. */
  awake(): void {
    this.event = noEvent;
    this.wake();
  }
}

function wake(sleeper: Sleeper): void {
  sleeper.awake();
}
