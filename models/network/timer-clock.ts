import type { EventHandle } from '../../sim/event-queue.ts';

/**
 * The clock and timers of an endpoint. A peer's are the simulation itself, which has this shape; a guest's
 * stop, slow down or catch up with their VM (`GuestTimers`).
 */
export interface TimerClock {
  readonly nowNs: number;
  schedule<T>(delayNs: number, handler: (argument: T) => void, argument: T): EventHandle;
  cancel(handle: EventHandle): boolean;
}
