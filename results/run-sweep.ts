import type { JournalEntry, RunFailure } from './journal.ts';
import { SweepPool } from './sweep-pool.ts';
import type { TaskEnd } from './sweep-pool.ts';
import { SweepQueue } from './sweep-queue.ts';
import type { CellProgress } from './sweep-progress.ts';
import type { CellGroup, SweepPlan } from './sweep-plan.ts';
import type { SweepTask, SweepUnit, UnitRun, WorkerMessage } from './sweep-task.ts';

export interface SweepRun {
  readonly plan: SweepPlan;
  readonly groups: readonly CellGroup[];
  /** Of all cells of the plan, by index; what has ended before is not run again. */
  readonly progress: readonly CellProgress[];
  readonly jobs: number;
  readonly timeoutMs: number;
  readonly failFast: boolean;
  /** The module that runs tasks, `sweepWorker`. */
  readonly worker: URL;
  /** The command that repeats one run. */
  readonly replayCommand: (run: { group: CellGroup; cell: number; repetition: number }) => string;
  /** Is given every run as it ends. */
  readonly ended: (entry: JournalEntry) => void;
  /** Stops the sweep: runs under way are given up. */
  readonly stop: AbortSignal;
}

/** Runs what is left of some groups of a sweep on worker threads. True when all of it has ended. */
export async function runSweep(run: SweepRun): Promise<boolean> {
  if (run.stop.aborted) return false;
  const pool = new SweepPool(run.jobs, run.timeoutMs, run.worker);
  const queue = new SweepQueue(run);
  const stopped = new Promise<'stopped'>((resolve) => {
    run.stop.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
  const lanes = Array.from({ length: run.jobs }, () => new Lane(run, pool, queue).work());
  const end = await Promise.race([Promise.all(lanes), stopped]);
  await pool.stop();
  return end !== 'stopped' && !queue.abandoned;
}

/** Keeps one worker busy. */
class Lane {
  private readonly run: SweepRun;
  private readonly pool: SweepPool;
  private readonly queue: SweepQueue;

  constructor(run: SweepRun, pool: SweepPool, queue: SweepQueue) {
    this.run = run;
    this.pool = pool;
    this.queue = queue;
  }

  async work(): Promise<void> {
    for (let next = await this.queue.take(); next !== null; next = await this.queue.take()) {
      await this.carryOut(next.task);
      this.queue.done(next);
    }
  }

  /** Runs a task to its end, without the runs that hang or kill their worker. */
  private async carryOut(task: SweepTask): Promise<void> {
    let left: SweepTask | null = task;
    while (left !== null && !this.isStopped()) {
      const current: SweepTask = left;
      const end = await this.pool.run(current, (message) => this.note(current, message));
      if (this.isStopped()) return;
      if (end.kind !== 'finished') this.noteLost(current, end);
      left = end.kind === 'finished' ? null : this.rest(current);
    }
  }

  /** A call, since a stop may come at every pause. */
  private isStopped(): boolean {
    return this.run.stop.aborted;
  }

  private note(task: SweepTask, message: WorkerMessage): void {
    if (message.kind === 'begin' || this.run.stop.aborted) return;
    const unit = task.units[message.unit]!;
    if (message.kind === 'row') {
      this.end(unit, message.cell, { wallMs: message.wallMs, values: message.values, failure: null });
      return;
    }
    for (const cell of message.cells) this.fail(unit, cell, { kind: 'threw', message: message.message });
  }

  /** The run that was under way is lost; when that was the control, so are all that it is paired with. */
  private noteLost(
    task: SweepTask,
    { unit: at, scheme, kind, message }: Exclude<TaskEnd, { kind: 'finished' }>,
  ): void {
    const unit = task.units[at]!;
    const open = unit.runs.filter((run) => !this.hasEnded(unit, run));
    const lost = open.filter(({ choice }) => choice.name === scheme);
    for (const { cell } of lost.length > 0 ? lost : open) this.fail(unit, cell, { kind, message });
  }

  /** What of a task has not ended; null when all has. */
  private rest(task: SweepTask): SweepTask | null {
    const units = task.units
      .map((unit) => ({ ...unit, runs: unit.runs.filter((run) => !this.hasEnded(unit, run)) }))
      .filter(({ runs }) => runs.length > 0);
    return units.length === 0 ? null : { ...task, units };
  }

  private hasEnded({ repetition }: SweepUnit, { cell }: UnitRun): boolean {
    return this.run.progress[cell]!.has(repetition);
  }

  private fail(unit: SweepUnit, cell: number, failure: Omit<RunFailure, 'command'>): void {
    const command = unit.runs.find((run) => run.cell === cell)?.replayCommand ?? '';
    this.end(unit, cell, { wallMs: 0, values: null, failure: { ...failure, command } });
    if (this.run.failFast) this.queue.abandon();
  }

  private end({ repetition }: SweepUnit, cell: number, end: Omit<JournalEntry, 'cell' | 'rep'>): void {
    const progress = this.run.progress[cell]!;
    if (progress.has(repetition)) return;
    const entry = { cell: progress.cell.sha256, rep: repetition, ...end };
    progress.note(entry);
    this.queue.noteWall(entry.wallMs);
    this.run.ended(entry);
  }
}
