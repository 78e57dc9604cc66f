import { assert } from './assert.ts';
import { EventQueue } from './event-queue.ts';
import type { EventCall, EventHandle } from './event-queue.ts';
import { startProcess } from './process.ts';
import type { Process, RunningProcess } from './process.ts';
import { currentRun, setCurrentRun } from './run-identity.ts';
import type { RunIdentity } from './run-identity.ts';

/**
 * The clock and the events of one run. Events run in the total order of time, then of scheduling; time is an
 * integer number of nanoseconds and never goes back.
 */
export class Simulation {
  readonly identity: RunIdentity;
  private readonly queue = new EventQueue();
  private check: (() => void) | null = null;

  constructor(identity: RunIdentity) {
    this.identity = identity;
  }

  get nowNs(): number {
    return this.queue.nowNs;
  }

  /** How many events have run, the present one included. */
  get eventsRun(): number {
    return this.queue.eventsRun;
  }

  /** Calls `handler(argument)` in `delayNs` nanoseconds. Bind handlers once, not afresh for each event. */
  schedule<T>(delayNs: number, handler: (argument: T) => void, argument: T): EventHandle {
    return this.queue.push(this.queue.nowNs + delayNs, handler as EventCall, argument);
  }

  /** Calls `handler(argument)` at `timeNs`, which has not passed. */
  scheduleAt<T>(timeNs: number, handler: (argument: T) => void, argument: T): EventHandle {
    return this.queue.push(timeNs, handler as EventCall, argument);
  }

  /** Moves the event to `timeNs`, as if it had been cancelled and scheduled anew; false when it is stale. */
  reschedule(handle: EventHandle, timeNs: number): boolean {
    return this.queue.move(handle, timeNs);
  }

  /** Takes the event back; false when it has run or was cancelled before. */
  cancel(handle: EventHandle): boolean {
    return this.queue.cancel(handle);
  }

  isPending(handle: EventHandle): boolean {
    return this.queue.isPending(handle);
  }

  /** Calls `check` after every event, once for a simulation; it looks and changes nothing. */
  watch(check: () => void): void {
    assert(this.check === null, 'a simulation is watched by one check');
    this.check = check;
  }

  /** When the event will run; asking for a stale one is a bug. */
  timeOf(handle: EventHandle): number {
    return this.queue.timeOf(handle);
  }

  /** Runs the events up to and including `untilNs`, where the clock then stands; with Infinity, all events. */
  run(untilNs: number): void {
    assert(untilNs >= this.queue.nowNs, 'a run never goes back in time');
    assert(currentRun() !== this, 'a run is not started from one of its own events');
    const outer = setCurrentRun(this);
    try {
      this.queue.run(untilNs, this.check);
    } finally {
      setCurrentRun(outer);
    }
  }

  /** Ends the run after the present event; the clock stays there. */
  stop(): void {
    this.queue.stop();
  }

  /** Starts the process at once and returns when it waits for the first time. */
  spawn(process: Process): RunningProcess {
    return startProcess(this, process);
  }
}
