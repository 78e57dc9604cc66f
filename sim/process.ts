import { assert } from './assert.ts';
import { noEvent } from './event-queue.ts';
import { Signal } from './signal.ts';
import type { Simulation } from './simulation.ts';

/** Behaviour that reads from top to bottom: it yields what it waits for. */
export type Process = Generator<Waitable, void, unknown>;

/** What a process can wait for: a number of nanoseconds, a signal, or a signal for a limited time. */
export type Waitable = number | Signal<unknown> | SignalOrTimeout;

export interface SignalOrTimeout {
  readonly signal: Signal<unknown>;
  readonly timeoutNs: number;
}

/** A process under way. */
export interface RunningProcess {
  /**
   * Throws `reason` inside the process at the `yield` where it waits, as an event of its own at the current
   * time. A process that does not deal with it ends there, after its `finally` blocks, which never yield.
   * The first of several interruptions at one instant counts; one of a process that has ended does nothing.
   */
  interrupt(reason: Error): void;
  /** Fires when the process has ended, by itself or by an interruption. */
  readonly done: Signal<void>;
}

/** Waits for the signal and returns its value: `const value = yield* until(signal)`. */
export function* until<T>(signal: Signal<T>): Generator<Waitable, T, unknown> {
  if (!signal.fired) yield signal;
  return signal.value;
}

/** Waits for the signal, no longer than `timeoutNs` (Infinity: for ever); returns whether it has fired. */
export function* untilOrTimeout(
  signal: Signal<unknown>,
  timeoutNs: number,
): Generator<Waitable, boolean, unknown> {
  if (!signal.fired) yield { signal, timeoutNs };
  return signal.fired;
}

/** Runs the process up to its first wait; the simulation does the rest. */
export function startProcess(simulation: Simulation, process: Process): RunningProcess {
  const script = new Script(simulation, process);
  script.resume();
  return script;
}

class Script implements RunningProcess {
  readonly done = new Signal<void>();
  private readonly simulation: Simulation;
  private readonly process: Process;
  /** The event that will let the process go on: end of a wait, wake-up by a signal, or interruption. */
  private wakeUp = noEvent;
  private stopListening: (() => void) | null = null;
  private interruption: Error | null = null;

  constructor(simulation: Simulation, process: Process) {
    this.simulation = simulation;
    this.process = process;
  }

  interrupt(reason: Error): void {
    if (this.done.fired || this.interruption !== null) return;
    this.interruption = reason;
    this.endWait();
    this.wakeUp = this.simulation.schedule(0, resume, this);
  }

  resume(): void {
    this.endWait();
    const reason = this.interruption;
    this.interruption = null;
    const step = reason === null ? this.process.next() : this.throwInto(reason);
    if (step.done === true) this.end();
    // A process may be interrupted by what it does itself: then the interruption is already on its way.
    else if (this.wakeUp === noEvent) this.wait(step.value);
  }

  private throwInto(reason: Error): IteratorResult<Waitable, void> {
    try {
      return this.process.throw(reason);
      // eslint-disable-next-line no-restricted-syntax -- the one border where an interruption is known for what it is
    } catch (thrown) {
      if (thrown !== reason) throw thrown;
      return { done: true, value: undefined };
    }
  }

  private wait(waitable: Waitable): void {
    if (typeof waitable === 'number') {
      this.wakeUp = this.simulation.schedule(waitable, resume, this);
    } else if (waitable instanceof Signal) {
      this.listen(waitable);
    } else {
      if (waitable.timeoutNs !== Infinity) {
        this.wakeUp = this.simulation.schedule(waitable.timeoutNs, resume, this);
      }
      this.listen(waitable.signal);
    }
  }

  /** A signal wakes the process by an event of its own, so that no process ever runs inside another's step. */
  private listen(signal: Signal<unknown>): void {
    this.stopListening = signal.listen(() => {
      this.endWait();
      this.wakeUp = this.simulation.schedule(0, resume, this);
    });
  }

  private endWait(): void {
    this.simulation.cancel(this.wakeUp);
    this.wakeUp = noEvent;
    this.stopListening?.();
    this.stopListening = null;
  }

  private end(): void {
    this.endWait();
    this.interruption = null;
    assert(!this.done.fired, 'a process ends once');
    this.done.fire();
  }
}

function resume(script: Script): void {
  script.resume();
}
