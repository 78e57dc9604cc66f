import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { ScenarioError } from '../sim/assert.ts';
import { importAdditions } from '../scenarios/additions.ts';
import { Journal, readJournals } from '../results/journal.ts';
import type { JournalEntry, Shard } from '../results/journal.ts';
import { mergeSweep, readSweep } from '../results/merge-sweep.ts';
import { replayCommand } from '../results/replay-command.ts';
import { runSweep } from '../results/run-sweep.ts';
import { ShardLock } from './shard-lock.ts';
import { missedAsserts } from '../results/sweep-asserts.ts';
import { sweepWorker } from '../results/sweep-pool.ts';
import { prepareDirectory } from '../results/sweep-files.ts';
import type { CellGroup, SweepPlan } from '../results/sweep-plan.ts';
import { progressOf } from '../results/sweep-progress.ts';
import type { CellProgress } from '../results/sweep-progress.ts';
import { threeDigits, wholeNumber } from '../results/three-digits.ts';
import type { Screen } from './screen.ts';
import { SweepBar } from './sweep-bar.ts';

export interface SweepOptions {
  readonly jobs: number;
  readonly out: string;
  readonly shard: Shard;
  readonly failFast?: true;
  readonly retryFailed?: true;
  readonly timeout: number;
  readonly json?: true;
  readonly force?: true;
}

/** Runs what is left of a shard, keeps every run as it ends, and merges when there is but one shard. */
export async function runShard(
  file: string,
  plan: SweepPlan,
  options: SweepOptions,
  screen: Screen,
): Promise<void> {
  const directory = join(options.out, plan.sweep.name);
  refuseReadOnly(directory);
  prepareDirectory(directory, plan, options.force === true);
  // Workers import them again; a module that cannot be imported is told before anything runs.
  await importAdditions(plan.base.modules);
  const lock = new ShardLock(directory, options.shard);
  try {
    const stopped = await runLeft(directory, plan, options, screen);
    if (stopped !== null) {
      screen.note(`stopped; what has ended is kept. The same command goes on: nseh sweep ${file}`);
      screen.finishWith(stopped);
      return;
    }
    report(directory, plan, options, screen);
  } finally {
    lock.release();
  }
}

/** Throws the system's own error, which names the folder: making a folder would only say that there is none. */
function refuseReadOnly(directory: string): void {
  let existing = resolve(directory);
  while (!existsSync(existing)) existing = dirname(existing);
  accessSync(existing, constants.W_OK);
}

/** The groups of a shard: every n-th, so that the work is even. */
export function groupsOfShard({ groups }: SweepPlan, { index, count }: Shard): readonly CellGroup[] {
  return groups.filter((group) => group.index % count === index - 1);
}

/** Runs; the exit code when it was stopped, else null. */
async function runLeft(
  directory: string,
  plan: SweepPlan,
  options: SweepOptions,
  screen: Screen,
): Promise<130 | 143 | null> {
  const groups = groupsOfShard(plan, options.shard);
  const progress = progressOf(plan, readJournals(directory));
  if (options.retryFailed === true) for (const cell of progress) cell.forgetFailures();
  const own = groups.flatMap(({ cells }) => cells.map(({ index }) => progress[index]!));
  for (const cell of own) cell.extend();
  const before = tally(own);
  if (before.ended === before.total) return null;
  const journal = new Journal(directory, options.shard);
  const stop = new Stop();
  const bar = new SweepBar(screen, plan.sweep.name, before.ended, before.total);
  const beat = setInterval(() => {
    stop.orFail(() => journal.flush());
    const now = tally(own);
    bar.update(now.ended, now.total, now.failed);
  }, 1000);
  const startMs = performance.now();
  await runSweep({
    ...{ plan, groups, progress, jobs: options.jobs, timeoutMs: options.timeout, stop: stop.signal },
    failFast: options.failFast === true,
    worker: sweepWorker,
    replayCommand: (run) => replayCommand(plan, run),
    ended: (entry: JournalEntry) => stop.orFail(() => journal.append(entry)),
  });
  clearInterval(beat);
  bar.end();
  stop.orFail(() => journal.close());
  stop.release();
  stop.rethrow(directory);
  const seconds = (performance.now() - startMs) / 1000;
  const ran = tally(own).ended - before.ended;
  screen.note(`${wholeNumber(ran)} runs in ${threeDigits(seconds)} s, ${threeDigits(ran / seconds)} runs/s`);
  return stop.exitCode;
}

function tally(cells: readonly CellProgress[]): { ended: number; failed: number; total: number } {
  let [ended, failed, total] = [0, 0, 0];
  for (const cell of cells) {
    failed += cell.count('failed');
    ended += cell.count('finished') + cell.count('failed');
    total += cell.target;
  }
  return { ended, failed, total };
}

/** Ends a sweep early: by a signal from outside, or because its files cannot be written. */
class Stop {
  exitCode: 130 | 143 | null = null;
  private readonly abort = new AbortController();
  private failure: Error | null = null;
  private readonly onInterrupt = (): void => this.stop(130);
  private readonly onTerminate = (): void => this.stop(143);

  constructor() {
    process.once('SIGINT', this.onInterrupt);
    process.once('SIGTERM', this.onTerminate);
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** Runs a step that may fail for reasons outside; the first failure stops the sweep. */
  orFail(step: () => void): void {
    if (this.failure !== null) return;
    try {
      step();
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error));
      this.abort.abort();
    }
  }

  rethrow(directory: string): void {
    const failure = this.failure;
    if (failure === null) return;
    if (Object.hasOwn(failure, 'code')) {
      const message = `cannot be written to (${failure.message}); the runs that had ended are kept`;
      throw new ScenarioError([
        { place: directory, message, allowed: 'mend it, then the same command goes on' },
      ]);
    }
    throw failure;
  }

  release(): void {
    process.removeListener('SIGINT', this.onInterrupt);
    process.removeListener('SIGTERM', this.onTerminate);
  }

  private stop(exitCode: 130 | 143): void {
    this.exitCode = exitCode;
    this.abort.abort();
  }
}

/** Merges a sweep that is not cut into shards, and says how it ended. */
function report(directory: string, plan: SweepPlan, { shard, json }: SweepOptions, screen: Screen): void {
  const shown = relative('.', directory);
  const state = readSweep(directory);
  if (shard.count > 1) {
    screen.print(`shard ${shard.index} of ${shard.count} is done; when all are: nseh sweep merge ${shown}`);
    if (state.failed > 0) screen.finishWith(1);
    return;
  }
  mergeSweep(directory, state);
  const missed = missedAsserts(plan, state);
  if (json === true) {
    const { finished, failed } = state;
    screen.print(JSON.stringify({ sweep: plan.sweep.name, directory: shown, finished, failed, missed }));
  } else {
    screen.print(`${plan.sweep.name}: ${wholeNumber(state.finished)} runs finished, ${state.failed} failed`);
    for (const { message } of missed) screen.print(`missed: ${message}`);
    if (state.incomplete > 0)
      screen.note(
        `${wholeNumber(state.incomplete)} of them ended before a migration had completed: its times are empty`,
      );
    if (state.elsewhere > 0)
      screen.note(
        `${wholeNumber(state.elsewhere)} runs of combinations that the sweep does not have now stay in its journal`,
      );
    screen.note(`wrote ${shown}/ (runs.csv, runs.parquet, columns.json, plan.csv)`);
    screen.note(`next  nseh stats ${shown}`);
  }
  if (state.failed > 0) {
    screen.note(`${state.failed} failed: ${shown}/failures.csv has the command that repeats each`);
    screen.finishWith(1);
  } else if (missed.length > 0) screen.finishWith(3);
}
