import { assert } from '../../sim/assert.ts';
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
  /** Timers by their place in handles; those that are over are used again. */
  private readonly timers: GuestTimer[] = [];
  private readonly free: GuestTimer[] = [];
  /** Those whose time outside has come while the guest stood still. */
  private parked: EventHandle[] = [];
  /** How fast the guest last ran when it ran at all: timers are scheduled by it. */
  private lastRate = 1;
  private scheduled = 0;

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
    const timer = this.free.pop() ?? this.newTimer();
    timer.order = ++this.scheduled;
    timer.dueNs = this.nowNs + delayNs;
    timer.call = handler as (argument: unknown) => void;
    timer.argument = argument;
    this.await(timer);
    return handleOf(timer);
  }

  cancel(handle: EventHandle): boolean {
    const timer = this.find(handle);
    if (timer === null) return false;
    this.simulation.cancel(timer.event);
    this.release(timer);
    return true;
  }

  /** Called when the time of a timer may have come. */
  expire(timer: GuestTimer): void {
    if (this.mode !== 'running' && this.clock.rate === 0) {
      this.parked.push(handleOf(timer));
      return;
    }
    if (timer.dueNs > this.nowNs) {
      this.await(timer);
      return;
    }
    const { call, argument } = timer;
    this.release(timer);
    call(argument);
  }

  /** A guest that slows down meets its timers early, and waits again; one that speeds up has to be told. */
  private clockChanged(): void {
    const { rate } = this.clock;
    if (rate === 0) return;
    const parked = this.parked;
    this.parked = [];
    for (const handle of parked) {
      const timer = this.find(handle);
      if (timer !== null) this.await(timer);
    }
    if (rate > this.lastRate && this.mode === 'frozen') {
      const pending = this.timers.filter(isPending).sort((a, b) => a.order - b.order);
      for (const timer of pending) {
        this.simulation.cancel(timer.event);
        this.await(timer);
      }
    }
    this.lastRate = rate;
  }

  private await(timer: GuestTimer): void {
    const atNs = this.mode === 'frozen' ? this.clock.timeOf(timer.dueNs) : timer.dueNs;
    if (atNs === Infinity) this.parked.push(handleOf(timer));
    else timer.event = this.simulation.scheduleAt(Math.max(atNs, this.simulation.nowNs), expire, timer);
  }

  private newTimer(): GuestTimer {
    assert(this.timers.length < placesMax, 'too many timers of a guest are pending');
    const timer = { owner: this, place: this.timers.length, ...blank };
    this.timers.push(timer);
    return timer;
  }

  private release(timer: GuestTimer): void {
    timer.order = 0;
    timer.argument = null;
    this.free.push(timer);
  }

  /** The timer of a handle; null when it has expired or was cancelled. */
  private find(handle: EventHandle): GuestTimer | null {
    const timer = this.timers[handle & (placesMax - 1)];
    return timer !== undefined && timer.order > 0 && handleOf(timer) === handle ? timer : null;
  }
}

interface GuestTimer {
  readonly owner: GuestTimers;
  readonly place: number;
  /** How many were scheduled up to this one; 0 when it is over. */
  order: number;
  /** On the clock that the mode names. */
  dueNs: number;
  event: EventHandle;
  call: (argument: unknown) => void;
  argument: unknown;
}

/** A handle packs the timer's place and its order, so that it names no other one ever; noEvent is none. */
function handleOf({ place, order }: GuestTimer): EventHandle {
  return order * placesMax + place;
}

/** So many timers of one guest may be pending. */
const placesMax = 2 ** 20;

const blank = { order: 0, dueNs: Infinity, event: noEvent, call: ignore, argument: null as unknown };

function isPending({ order }: GuestTimer): boolean {
  return order > 0;
}

function ignore(): void {
  // A timer that was never scheduled calls nobody.
}

function expire(timer: GuestTimer): void {
  timer.owner.expire(timer);
}
