import { assert } from './assert.ts';
import { EventQueue } from './event-queue.ts';
import type { EventHandle } from './event-queue.ts';
import { startProcess } from './process.ts';
import type { Process, RunningProcess } from './process.ts';
import { setCurrentRun } from './run-identity.ts';
import type { RunIdentity } from './run-identity.ts';

/**
 * The clock and the events of one run. Events run in the total order of time, then of scheduling; time is an
 * integer number of nanoseconds and never goes back.
 */
export class Simulation {
  readonly identity: RunIdentity;
  private readonly queue = new EventQueue();
  private clockNs = 0;
  private eventCount = 0;
  private check: (() => void) | null = null;

  constructor(identity: RunIdentity) {
    this.identity = identity;
  }

  get nowNs(): number {
    return this.clockNs;
  }

  /** How many events have run. */
  get eventsRun(): number {
    return this.eventCount;
  }

  /** Calls `handler(argument)` in `delayNs` nanoseconds. Bind handlers once, not afresh for each event. */
  schedule<T>(delayNs: number, handler: (argument: T) => void, argument: T): EventHandle {
    return this.scheduleAt(this.clockNs + delayNs, handler, argument);
  }

  /** Calls `handler(argument)` at `timeNs`, which has not passed. */
  scheduleAt<T>(timeNs: number, handler: (argument: T) => void, argument: T): EventHandle {
    assert(timeNs >= this.clockNs, 'an event is never scheduled in the past');
    assert(Number.isSafeInteger(timeNs), 'an event has a time in whole nanoseconds');
    return this.queue.push(timeNs, handler as (argument: unknown) => void, argument);
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

  /** Runs the events up to and including `untilNs`, where the clock then stands; with Infinity, all events. */
  run(untilNs: number): void {
    assert(untilNs >= this.clockNs, 'a run never goes back in time');
    const outer = setCurrentRun(this);
    try {
      for (let event = this.queue.popUntil(untilNs); event; event = this.queue.popUntil(untilNs)) {
        this.clockNs = event.timeNs;
        this.eventCount++;
        event.handler(event.argument);
        if (this.check !== null) this.check();
      }
      if (untilNs !== Infinity) this.clockNs = untilNs;
    } finally {
      setCurrentRun(outer);
    }
  }

  /** Starts the process at once and returns when it waits for the first time. */
  spawn(process: Process): RunningProcess {
    return startProcess(this, process);
  }
}
