import { noEvent, type EventHandle } from '../../sim/event-queue.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { TimerClock } from '../network/timer-clock.ts';
import type { GuestClock } from './guest-clock.ts';

/**
 * What a guest's timers go by. `frozen`: the guest's own time, so that a pause puts off every timer by its
 * length. `catch-up`: the time outside; what expired during a pause expires at the resume. `running`: the time
 * outside, and no notice of pauses, as when only the network is cut.
 */
export type GuestTimerMode = 'frozen' | 'catch-up' | 'running';

/** The timers of a guest's endpoints, on the guest's one clock. */
export class GuestTimers implements TimerClock {
  private readonly simulation: Simulation;
  private readonly clock: GuestClock;
  private readonly mode: GuestTimerMode;
  private readonly timers = new Map<EventHandle, GuestTimer>();
  /** Those whose time outside has come while the guest stood still. */
  private parked: GuestTimer[] = [];
  /** How fast the guest last ran when it ran at all: timers are scheduled by it. */
  private lastRate = 1;
  private lastHandle = 0;

  constructor(simulation: Simulation, clock: GuestClock, mode: GuestTimerMode) {
    this.simulation = simulation;
    this.clock = clock;
    this.mode = mode;
    if (mode !== 'running') clock.listen(() => this.clockChanged());
  }

  get nowNs(): number {
    return this.mode === 'frozen' ? this.clock.guestNs : this.simulation.nowNs;
  }

  schedule<T>(delayNs: number, handler: (argument: T) => void, argument: T): EventHandle {
    const call = handler as (argument: unknown) => void;
    const handle = ++this.lastHandle;
    const timer = { owner: this, handle, dueNs: this.nowNs + delayNs, event: noEvent, call, argument };
    this.timers.set(handle, timer);
    this.await(timer);
    return handle;
  }

  cancel(handle: EventHandle): boolean {
    const timer = this.timers.get(handle);
    if (timer === undefined) return false;
    this.timers.delete(handle);
    this.simulation.cancel(timer.event);
    return true;
  }

  /** Called when the time of a timer may have come. */
  expire(timer: GuestTimer): void {
    if (this.mode !== 'running' && this.clock.rate === 0) {
      this.parked.push(timer);
      return;
    }
    if (timer.dueNs > this.nowNs) {
      this.await(timer);
      return;
    }
    this.timers.delete(timer.handle);
    timer.call(timer.argument);
  }

  /** A guest that slows down meets its timers early, and waits again; one that speeds up has to be told. */
  private clockChanged(): void {
    const { rate } = this.clock;
    if (rate === 0) return;
    const parked = this.parked;
    this.parked = [];
    for (const timer of parked) if (this.timers.has(timer.handle)) this.await(timer);
    if (rate > this.lastRate && this.mode === 'frozen') {
      for (const timer of this.timers.values()) {
        this.simulation.cancel(timer.event);
        this.await(timer);
      }
    }
    this.lastRate = rate;
  }

  private await(timer: GuestTimer): void {
    const atNs = this.mode === 'frozen' ? this.clock.timeOf(timer.dueNs) : timer.dueNs;
    if (atNs === Infinity) this.parked.push(timer);
    else timer.event = this.simulation.scheduleAt(Math.max(atNs, this.simulation.nowNs), expire, timer);
  }
}

interface GuestTimer {
  readonly owner: GuestTimers;
  readonly handle: EventHandle;
  /** On the clock that the mode names. */
  readonly dueNs: number;
  event: EventHandle;
  readonly call: (argument: unknown) => void;
  readonly argument: unknown;
}

function expire(timer: GuestTimer): void {
  timer.owner.expire(timer);
}
