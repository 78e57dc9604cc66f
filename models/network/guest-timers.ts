import { assert } from '../../sim/assert.ts';
import type { EventHandle } from '../../sim/event-queue.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { TimerClock } from './timer-clock.ts';

/**
 * The timers of a guest that can be paused. `frozen`: guest time stands still and every timer expires later by
 * the pause. `catch-up`: guest time jumps at the resume and what expired meanwhile expires there at once.
 * `running`: timers take no notice, as when only the network is cut.
 */
export class GuestTimers implements TimerClock {
  private readonly simulation: Simulation;
  private readonly mode: 'frozen' | 'catch-up' | 'running';
  private pausedAtNs = -1;
  private lostNs = 0;
  private pending: GuestTimer[] = [];
  private readonly timers = new Map<EventHandle, GuestTimer>();
  private lastHandle = 0;

  constructor(simulation: Simulation, mode: 'frozen' | 'catch-up' | 'running') {
    this.simulation = simulation;
    this.mode = mode;
  }

  /** The guest's time: simulated time less what it was frozen for. */
  get nowNs(): number {
    const nowNs = this.paused ? this.pausedAtNs : this.simulation.nowNs;
    return nowNs - this.lostNs;
  }

  get paused(): boolean {
    return this.pausedAtNs >= 0;
  }

  schedule<T>(delayNs: number, handler: (argument: T) => void, argument: T): EventHandle {
    const timer = new GuestTimerOf(this, ++this.lastHandle, this.nowNs + delayNs, handler, argument);
    this.timers.set(timer.handle, timer);
    timer.event = this.simulation.schedule(delayNs, expire, timer);
    return timer.handle;
  }

  cancel(handle: EventHandle): boolean {
    const timer = this.timers.get(handle);
    if (timer === undefined) return false;
    this.timers.delete(handle);
    this.simulation.cancel(timer.event);
    return true;
  }

  pause(): void {
    assert(!this.paused, 'a guest is paused once');
    if (this.mode !== 'running') this.pausedAtNs = this.simulation.nowNs;
  }

  resume(): void {
    if (this.mode === 'running') return;
    assert(this.paused, 'only a paused guest resumes');
    if (this.mode === 'frozen') this.lostNs += this.simulation.nowNs - this.pausedAtNs;
    this.pausedAtNs = -1;
    const due = this.pending;
    this.pending = [];
    for (const timer of due) timer.event = this.simulation.schedule(0, expire, timer);
  }

  /** Called when the simulated time of a timer has come: the guest's may not have, because of pauses. */
  expire(timer: GuestTimer): void {
    if (this.paused) {
      this.pending.push(timer);
      return;
    }
    const earlyNs = timer.dueNs - this.nowNs;
    if (earlyNs > 0) {
      timer.event = this.simulation.schedule(earlyNs, expire, timer);
      return;
    }
    if (this.timers.delete(timer.handle)) timer.call();
  }
}

interface GuestTimer {
  readonly owner: GuestTimers;
  readonly handle: EventHandle;
  /** Guest time. */
  readonly dueNs: number;
  event: EventHandle;
  call(): void;
}

class GuestTimerOf<T> implements GuestTimer {
  readonly owner: GuestTimers;
  readonly handle: EventHandle;
  readonly dueNs: number;
  event: EventHandle = 0;
  private readonly handler: (argument: T) => void;
  private readonly argument: T;

  constructor(
    owner: GuestTimers,
    handle: EventHandle,
    dueNs: number,
    handler: (argument: T) => void,
    argument: T,
  ) {
    this.owner = owner;
    this.handle = handle;
    this.dueNs = dueNs;
    this.handler = handler;
    this.argument = argument;
  }

  call(): void {
    this.handler(this.argument);
  }
}

function expire(timer: GuestTimer): void {
  timer.owner.expire(timer);
}
