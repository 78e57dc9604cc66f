import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { compareSchemes } from '../results/compare.ts';
import { Journal } from '../results/journal.ts';
import { runValues } from '../results/run-columns.ts';
import { runSweep } from '../results/run-sweep.ts';
import { quantile } from '../results/statistics.ts';
import { planSweep } from '../results/sweep-plan.ts';
import type { SweepPlan } from '../results/sweep-plan.ts';
import { sweepWorker } from '../results/sweep-pool.ts';
import { progressOf } from '../results/sweep-progress.ts';
import { parseSweep } from '../scenarios/sweep.ts';

/** Runs of one length: how many, and what the scenario is cut down to. */
interface Length {
  readonly name: string;
  readonly repetitions: number;
  readonly set: string;
}

const lengths: readonly Length[] = [
  {
    name: 'short',
    repetitions: 3000,
    set: '{ until: 1 s, "migrations[0].at": 100 ms, "workloads[browsing].connections": 6, "vms[0].memory": 16 MiB, initial_context: [] }',
  },
  {
    name: 'long',
    repetitions: 600,
    set: '{ until: 7 s, "migrations[0].at": 1 s, "workloads[browsing].connections": 20 }',
  },
];

/** Times in milliseconds of wall time for one run and the control that it is paired with. */
interface Round {
  readonly alone: number;
  readonly one: number;
  readonly two: number;
  /** Two processes of their own that do the first at the same time, without a sweep: what the machine has to give. */
  readonly processes: number;
}

/**
 * What a sweep adds to its runs, and what a second worker brings: the same runs in this process without pool or
 * journal, then as a sweep with one and with two workers, interleaved. The ratios are of wall time, so the machine
 * has to be quiet and to have two cores; a round warms all up first and is not counted.
 */
export async function compareSweepSpeed(rounds: number, print: (text: string) => void): Promise<void> {
  for (const { name, repetitions, set } of lengths) {
    const plan = planOf(repetitions, set);
    const measured: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      measured.push({
        alone: timeAlone(plan) / repetitions,
        one: (await timeSweep(plan, 1)) / repetitions,
        two: (await timeSweep(plan, 2)) / repetitions,
        processes: (await timeProcesses(name)) / (2 * repetitions),
      });
    }
    const median = (pick: (round: Round) => number): string =>
      (quantile(measured.map(pick), 0.5) ?? NaN).toFixed(2);
    print(
      [
        name.padEnd(6),
        `${repetitions} runs`,
        `alone ${median(({ alone }) => alone)} ms a run`,
        `one worker adds ${median(({ alone, one }) => one - alone)} ms`,
        `two workers are ${median(({ one, two }) => one / two)} times as fast as one`,
        `two processes without a sweep ${median(({ alone, processes }) => alone / processes)} times as fast as one`,
      ].join('  '),
    );
  }
}

function planOf(repetitions: number, set: string): SweepPlan {
  const text = `
format: 1
scenario: quickstart.yaml
set: ${set}
vary: { scheme: [com-rounds] }
reps: ${repetitions}
`;
  return planSweep(parseSweep(join('scenarios', 'speed.yaml'), text));
}

/** What {@link timeProcesses} starts: the runs of a length, without a sweep. Prints the milliseconds that they took. */
export function timeLength(wanted: string, print: (text: string) => void): void {
  const length = lengths.find(({ name }) => name === wanted);
  if (length === undefined) return;
  const plan = planOf(length.repetitions, length.set);
  // As this process has, where what is measured has run before.
  timeAlone(planOf(Math.ceil(length.repetitions / 4), length.set));
  print(String(timeAlone(plan)));
}

/** The wall time of the slower of two processes. */
async function timeProcesses(name: string): Promise<number> {
  const entry = fileURLToPath(import.meta.url).replace(/sweep-speed(\.[jt]s)$/, 'bench$1');
  const start = (): Promise<{ stdout: string }> =>
    promisify(execFile)(process.execPath, [...process.execArgv, entry, '--alone', name]);
  const ended = await Promise.all([start(), start()]);
  return Math.max(...ended.map(({ stdout }) => Number(stdout)));
}

/** A long sweep of short runs on two workers: how long it takes, and the resident set on the way. */
export async function runManyShort(count: number, print: (text: string) => void): Promise<void> {
  const plan = planOf(count, lengths[0]!.set);
  let ended = 0;
  const startMs = performance.now();
  await timeSweep(plan, 2, () => {
    ended++;
    if (ended % Math.ceil(count / 10) !== 0 && ended !== count) return;
    const seconds = (performance.now() - startMs) / 1000;
    print(
      `${ended} short runs  ${seconds.toFixed(1)} s  resident ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`,
    );
  });
}

/** Every run of the plan in this process, one after the other. */
function timeAlone({ groups, base, seed, sweep }: SweepPlan): number {
  const startMs = performance.now();
  for (let repetition = 0; repetition < sweep.repetitions; repetition++) {
    compareSchemes({
      ...{ scenario: base, seed, repetition, choices: groups[0]!.cells.map(({ choice }) => choice) },
      replayCommand: () => '',
      watch: {
        finish: (_, summary) => void runValues(summary),
      },
    });
  }
  return performance.now() - startMs;
}

/** The same as a sweep: workers, messages and a journal. */
async function timeSweep(plan: SweepPlan, jobs: number, told: () => void = () => undefined): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'nseh-sweep-'));
  const journal = new Journal(directory, { index: 1, count: 1 });
  const startMs = performance.now();
  await runSweep({
    ...{ plan, groups: plan.groups, progress: progressOf(plan, []), jobs, timeoutMs: 600_000 },
    ...{ failFast: false, worker: sweepWorker, stop: new AbortController().signal },
    replayCommand: () => '',
    ended: (entry) => {
      journal.append(entry);
      told();
    },
  });
  journal.close();
  const took = performance.now() - startMs;
  rmSync(directory, { recursive: true });
  return took;
}
