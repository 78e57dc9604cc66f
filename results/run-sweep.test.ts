import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadSweep, parseSweep } from '../scenarios/sweep.ts';
import { meanInterval } from './intervals.ts';
import { Journal, readJournals } from './journal.ts';
import type { JournalEntry } from './journal.ts';
import { mergeSweep, readSweep } from './merge-sweep.ts';
import { replayCommand } from './replay-command.ts';
import { runSweep } from './run-sweep.ts';
import { prepareDirectory } from './sweep-files.ts';
import { planSweep } from './sweep-plan.ts';
import type { SweepPlan } from './sweep-plan.ts';
import { sweepWorker } from './sweep-pool.ts';
import { progressOf } from './sweep-progress.ts';

const small = `
format: 1
scenario: ${resolve(import.meta.dirname, '../scenarios/quickstart.yaml')}
set:
  until: 3 s
  vms[0].memory: 16 MiB
  migrations[0].at: 1 s
  workloads[browsing].connections: 3
  workloads[queries].connections: 2
  workloads[pushes].connections: 2
  initial_context[0].entries: 5
`;
const planOf = (text: string): SweepPlan => planSweep(parseSweep('small.yaml', small + text));
const failingWorker = new URL('./failing-sweep-worker.fixture.ts', import.meta.url);

interface Way {
  readonly jobs?: number;
  readonly shards?: number;
  readonly worker?: URL;
  readonly stopAfter?: number;
  readonly timeoutMs?: number;
  readonly directory?: string;
}

/** Runs a plan in some way and gives its directory, and what ran in which order. */
async function run(plan: SweepPlan, way: Way = {}): Promise<{ directory: string; ran: JournalEntry[] }> {
  const { jobs = 1, shards = 1, worker = sweepWorker, stopAfter = Infinity, timeoutMs = 60_000 } = way;
  const directory = way.directory ?? mkdtempSync(join(tmpdir(), 'nseh-sweep-'));
  prepareDirectory(directory, plan, false);
  const ran: JournalEntry[] = [];
  for (let index = 1; index <= shards; index++) {
    const journal = new Journal(directory, { index, count: shards });
    const stop = new AbortController();
    await runSweep({
      ...{ plan, jobs, worker, timeoutMs, failFast: false, stop: stop.signal },
      groups: plan.groups.filter((group) => group.index % shards === index - 1),
      progress: progressOf(plan, readJournals(directory)),
      replayCommand: (one) => replayCommand(plan, one),
      ended: (entry) => {
        journal.append(entry);
        ran.push(entry);
        if (ran.length >= stopAfter) stop.abort();
      },
    });
    journal.close();
  }
  mergeSweep(directory, readSweep(directory));
  return { directory, ran };
}

const text = (directory: string, name: string): string => readFileSync(join(directory, name), 'utf8');

describe('the shipped sweep over the size of the context', () => {
  test('has 200 runs at least, under several schemes', () => {
    const file = resolve(import.meta.dirname, '../scenarios/sweeps/context-size.yaml');
    const { cells, sweep, groups } = planSweep(loadSweep(file));
    // 4 sizes × 3 think times, each under 3 schemes.
    expect([groups.length, cells.length]).toEqual([12, 36]);
    expect(cells.length * sweep.repetitions).toBeGreaterThanOrEqual(200);
    expect(new Set(cells.map(({ sha256 }) => sha256)).size).toBe(36);
  });
});

describe('a sweep', () => {
  const plan = planOf(
    'vary:\n  workloads[queries].connections: [1, 2, 3]\n  scheme: [none, stock-drop, com-stop]\nreps: 2\n',
  );

  test('gives the same bytes with one worker, with two, from shards, and when it was stopped and gone on with', async () => {
    const one = await run(plan);
    expect(one.ran).toHaveLength(18);
    const runs = text(one.directory, 'runs.csv');
    expect(runs.split('\n')).toHaveLength(1 + 18 + 1);
    const two = await run(plan, { jobs: 2 });
    const shards = await run(plan, { shards: 2 });
    const stopped = await run(plan, { stopAfter: 5 });
    expect(stopped.ran.length).toBeLessThan(18);
    const resumed = await run(plan, { directory: stopped.directory });
    expect(stopped.ran.length + resumed.ran.length).toBe(18);
    for (const { directory } of [two, shards, resumed]) {
      expect(text(directory, 'runs.csv')).toBe(runs);
      expect(
        readFileSync(join(directory, 'runs.parquet')).equals(
          readFileSync(join(one.directory, 'runs.parquet')),
        ),
      ).toBe(true);
    }
  }, 240_000);

  test('keeps what is done when it is extended or put in another order', async () => {
    const { directory } = await run(planOf('vary:\n  workloads[queries].connections: [1, 2]\nreps: 2\n'));
    const more = await run(planOf('vary:\n  workloads[queries].connections: [3, 2, 1]\nreps: 3\n'), {
      directory,
    });
    // 3 × 3 runs, of which 2 × 2 were there.
    expect(more.ran).toHaveLength(5);
    expect(text(directory, 'runs.csv').split('\n')).toHaveLength(1 + 9 + 1);
  }, 240_000);

  test('makes a row of failures.csv of what throws, hangs or kills its worker, with the command, and goes on', async () => {
    const failing = planOf('vary: { scheme: [com-stop] }\nreps: 5\n');
    const { directory } = await run(failing, { worker: failingWorker, timeoutMs: 4000 });
    expect(readSweep(directory)).toMatchObject({ finished: 2, failed: 3 });
    const [, threw = '', hung = '', died = ''] = text(directory, 'failures.csv').split('\n');
    expect(threw).toContain('0,1,1,com-stop,threw,on purpose,"nseh run');
    expect(hung).toContain('0,1,2,com-stop,timed out,took longer than 4 s,');
    expect(died).toContain('0,1,3,com-stop,worker died,');
    expect(died).toContain(`--scheme com-stop --seed 1 --rep 3 --set 'until=""3 s""'`);
    // The three are not tried again, unless that is asked for.
    expect((await run(failing, { directory })).ran).toHaveLength(0);
  }, 240_000);

  test('repeats a cell in batches until the interval of a measure is narrow, whoever runs it', async () => {
    const until = 'until: { measure: events, relative: 1 %, batch: 2, reps_max: 12 }\n';
    const repeated = planOf(`vary:\n  scheme: [none]\nreps: 2\n${until}`);
    const { directory } = await run(repeated);
    const [header = [], ...rows] = text(directory, 'runs.csv')
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    const events = rows.map((row) => Number(row[header.indexOf('events')]));
    const isNarrow = (n: number): boolean => {
      const first = events.slice(0, n);
      const interval = meanInterval(first, 0.95);
      const mean = first.reduce((sum, value) => sum + value, 0) / n;
      return interval !== null && interval.high - interval.low <= 2 * 0.01 * mean;
    };
    const stops = [2, 4, 6, 8, 10, 12];
    expect(events.length).toBe(stops.find(isNarrow) ?? 12);
    const two = await run(repeated, { jobs: 2 });
    expect(text(two.directory, 'runs.csv')).toBe(text(directory, 'runs.csv'));
  }, 240_000);

  test('refuses values that the scenario does not take, in their place in the sweep file', () => {
    expect(() =>
      planOf('vary:\n  workloads[queries].connections: [1, few]\n  scheme: [com-rouds]\n'),
    ).toThrow(/small.yaml:13:39 .*"few".*/s);
    expect(() => planOf('vary:\n  scheme: [com-rouds]\n')).toThrow(/is not known; did you mean "com-rounds"/);
    expect(() => planOf('vary:\n  hots[0].cpus: [1]\n')).toThrow(/small.yaml:13:/);
  });

  test('will not write over the results of another version', () => {
    const directory = mkdtempSync(join(tmpdir(), 'nseh-sweep-'));
    prepareDirectory(directory, plan, false);
    const manifest = text(directory, 'manifest.json');
    writeFileSync(join(directory, 'manifest.json'), manifest.replace(/("build_sha256": ")../, '$100'));
    expect(() => prepareDirectory(directory, plan, false)).toThrow(/another version/);
  });
});
