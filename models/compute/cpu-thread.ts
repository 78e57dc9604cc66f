import { noEvent } from '../../sim/event-queue.ts';
import { Signal } from '../../sim/signal.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { CpuTask } from '../observations.ts';

/** Work of one thread: done when it has had so much of a CPU's time. */
export class CpuThread {
  readonly task: CpuTask;
  readonly done = new Signal<void>();
  private readonly simulation: Simulation;
  private restNs: number;
  private usedNs = 0;
  private speed = 0;
  private sinceNs: number;
  private event = noEvent;

  constructor(simulation: Simulation, task: CpuTask, cpuNs: number) {
    this.simulation = simulation;
    this.task = task;
    this.restNs = cpuNs;
    this.sinceNs = simulation.nowNs;
  }

  /** It has so much of a CPU from now on, 1 at most. */
  setSpeed(speed: number): void {
    if (speed === this.speed || this.done.fired) return;
    this.advance();
    this.speed = speed;
    this.simulation.cancel(this.event);
    if (speed > 0) this.event = this.simulation.schedule(Math.ceil(this.restNs / speed), end, this);
  }

  /** Nothing more is worked. */
  stop(): void {
    this.advance();
    this.speed = 0;
    this.simulation.cancel(this.event);
  }

  /** Called when the work is done. */
  end(): void {
    this.advance();
    this.done.fire();
  }

  /** CPU time since this was asked last, ns. */
  takeUsedNs(): number {
    this.advance();
    const { usedNs } = this;
    this.usedNs = 0;
    return usedNs;
  }

  private advance(): void {
    const { nowNs } = this.simulation;
    const workedNs = Math.min(this.restNs, (nowNs - this.sinceNs) * this.speed);
    this.restNs -= workedNs;
    this.usedNs += workedNs;
    this.sinceNs = nowNs;
  }
}

function end(thread: CpuThread): void {
  thread.end();
}
