import { group, mean } from 'd3-array';
import type { SweepUntil } from '../scenarios/sweep.ts';
import type { JournalEntry } from './journal.ts';
import { runColumns } from './run-columns.ts';
import { meanInterval } from './intervals.ts';
import type { SweepCell, SweepPlan } from './sweep-plan.ts';

/** Which repetitions of a cell have ended, and how many it is to have. */
export class CellProgress {
  readonly cell: SweepCell;
  private readonly until: SweepUntil | null;
  /** By repetition: 1 finished, 2 failed. */
  private readonly ended = new Map<number, 1 | 2>();
  /** Of the measure that decides when a cell is known well enough; of failed runs and empty values, nothing. */
  private readonly values = new Map<number, number>();
  private repetitions: number;

  constructor(cell: SweepCell, { sweep }: SweepPlan) {
    this.cell = cell;
    this.until = sweep.until;
    this.repetitions = sweep.repetitions;
  }

  /** How many repetitions are wanted as far as is known now. */
  get target(): number {
    return this.repetitions;
  }

  has(repetition: number): boolean {
    return this.ended.has(repetition);
  }

  note({ rep, values }: Pick<JournalEntry, 'rep' | 'values'>): void {
    this.ended.set(rep, values === null ? 2 : 1);
    const value = values?.[measureIndex(this.until)];
    if (typeof value === 'number') this.values.set(rep, value);
  }

  /** Forgets failures, so that they are run again. */
  forgetFailures(): void {
    for (const [repetition, state] of this.ended) if (state === 2) this.ended.delete(repetition);
  }

  /** How many of the wanted repetitions have ended that way. */
  count(state: 'finished' | 'failed'): number {
    const wanted = state === 'finished' ? 1 : 2;
    let sum = 0;
    for (const [repetition, found] of this.ended)
      if (repetition < this.repetitions && found === wanted) sum++;
    return sum;
  }

  /**
   * Adds batches for as long as all repetitions so far have ended and their interval is too wide. Only the
   * repetitions below the target count, so that the answer does not depend on the order in which they ended.
   */
  extend(): void {
    const until = this.until;
    if (until === null) return;
    while (this.count('finished') + this.count('failed') === this.repetitions) {
      if (this.repetitions >= until.repetitionsMax || this.isNarrow(until)) return;
      this.repetitions = Math.min(until.repetitionsMax, this.repetitions + until.batch);
    }
  }

  private isNarrow({ relative, confidence }: SweepUntil): boolean {
    const values: number[] = [];
    for (let repetition = 0; repetition < this.repetitions; repetition++) {
      const value = this.values.get(repetition);
      if (value !== undefined) values.push(value);
    }
    const interval = meanInterval(values, confidence);
    if (interval === null) return false;
    return (interval.high - interval.low) / 2 <= relative * Math.abs(mean(values) ?? 0);
  }
}

/** What has ended of a plan, by the index of the cell. */
export function progressOf(plan: SweepPlan, entries: Iterable<JournalEntry>): CellProgress[] {
  const progress = plan.cells.map((cell) => new CellProgress(cell, plan));
  // Two ways of writing one value are one scenario, and run once.
  const bySha = group(progress, ({ cell }) => cell.sha256);
  for (const entry of entries) bySha.get(entry.cell)?.forEach((cell) => cell.note(entry));
  return progress;
}

function measureIndex(until: SweepUntil | null): number {
  return until === null ? -1 : runColumns.findIndex(({ column }) => column === until.measure);
}
