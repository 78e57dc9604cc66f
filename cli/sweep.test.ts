import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { readJournals } from '../results/journal.ts';
import { nseh } from './try-nseh.ts';

const root = resolve(import.meta.dirname, '..');

const sweepText = (reps: number, vary = '  scheme: [none]'): string => `
format: 1
name: small
scenario: ${root}/scenarios/quickstart.yaml
set:
  until: 3 s
  vms[0].memory: 16 MiB
  migrations[0].at: 1 s
  workloads[browsing].connections: 3
  workloads[queries].connections: 2
  workloads[pushes].connections: 2
  initial_context[0].entries: 5
vary:
${vary}
reps: ${reps}
`;

/** A folder with a sweep file in it. */
function folder(text: string): { file: string; out: string; directory: string } {
  const at = mkdtempSync(join(tmpdir(), 'nseh-cli-sweep-'));
  writeFileSync(join(at, 'small.yaml'), text);
  return { file: join(at, 'small.yaml'), out: join(at, 'out'), directory: join(at, 'out/small') };
}

describe('nseh sweep', () => {
  test('runs, gives statistics, says that all is done, and is refused beside another that runs', async () => {
    const { file, out, directory } = folder(sweepText(3, '  scheme: [stock-drop, com-stop]'));
    const first = await nseh('sweep', file, '--out', out, '--jobs', '1');
    expect([first.exitCode, first.out]).toEqual([0, 'small: 6 runs finished, 0 failed']);
    expect((await nseh('sweep', 'status', directory)).out).toBe('6 of 6 runs finished, 0 failed, 0 to do');
    const stats = await nseh('stats', directory, '--measure', 'events', '--format', 'csv');
    expect(stats.out).toMatch(/^scheme,measure,unit,n,mean,[^]*\nstock-drop,events,count,3,[^]*\ncom-stop,/);
    const dry = await nseh('sweep', file, '--out', out, '--dry-run', '--json');
    expect(JSON.parse(dry.out)).toMatchObject({ cells: 2, runs: 6, finished: 6, left: 0 });
    // The process with number 1 is always alive.
    const lock = JSON.stringify({ pid: 1, host: (await import('node:os')).hostname() });
    writeFileSync(join(directory, 'journal/shard-1-of-1.lock'), `${lock}\n`);
    const second = await nseh('sweep', file, '--out', out);
    expect([second.exitCode, second.err]).toEqual([2, expect.stringContaining('is being run by process 1')]);
  }, 30_000);

  test('is verified by repeating its runs, all or a sample; a changed row is found, another file refused', async () => {
    const { file, out, directory } = folder(sweepText(3, '  scheme: [stock-drop, com-stop]'));
    await nseh('sweep', file, '--out', out, '--jobs', '1');
    const planned = 'same     plan.csv\nsame     columns.json\nsame     manifest.json\n';
    const verify = (...more: string[]): ReturnType<typeof nseh> => nseh('verify', directory, ...more);
    const whole = await verify('--sweep', file);
    const words = (of: string): string => `${of} runs are the same, byte for byte (runs.csv has 6)`;
    expect([whole.exitCode, whole.out]).toEqual([0, `${planned}${words('6 of 6')}`]);
    expect((await verify('--sweep', file, '--sample', '2')).out).toContain(words('2 of 2'));
    const runs = readFileSync(join(directory, 'runs.csv'), 'utf8').trimEnd();
    // The last column of the last row counts packets.
    writeFileSync(join(directory, 'runs.csv'), `${runs}0\n`);
    const changed = await verify('--sweep', file);
    expect([changed.exitCode, changed.out]).toEqual([
      3,
      `${planned}DIFFERS  cell 1, rep 2: packets\n${words('5 of 6')}`,
    ]);
    expect((await verify()).err).toContain('holds a sweep, whose file is wanted');
    writeFileSync(file, sweepText(4, '  scheme: [stock-drop, com-stop]'));
    const other = await verify('--sweep', file);
    expect([other.exitCode, other.err]).toEqual([
      2,
      expect.stringContaining('not made from this sweep file'),
    ]);
  }, 60_000);

  test('keeps the runs of combinations that were taken out, says so, and has them again', async () => {
    const { file, out } = folder(sweepText(2, '  scheme: [stock-drop, com-stop]'));
    await nseh('sweep', file, '--out', out, '--jobs', '1');
    writeFileSync(file, sweepText(2, '  scheme: [stock-drop]'));
    const { err } = await nseh('sweep', file, '--out', out, '--jobs', '1');
    expect(err).toContain('2 runs of combinations that the sweep does not have now stay in its journal');
    writeFileSync(file, sweepText(2, '  scheme: [com-stop, stock-drop]'));
    const again = await nseh('sweep', file, '--out', out, '--jobs', '1');
    expect([again.out, again.err]).toEqual([
      'small: 4 runs finished, 0 failed',
      expect.not.stringContaining('runs/s'),
    ]);
  }, 30_000);

  test('ends with 3 when a threshold is missed, and says where', async () => {
    const { file, out } = folder(
      `${sweepText(2)}assert:\n  - { that: completed.mean = 1 }\n  - { that: events.min > 0 }\n`,
    );
    const { exitCode, out: printed, err } = await nseh('sweep', file, '--out', out, '--jobs', '1');
    expect([exitCode, printed]).toEqual([
      3,
      'small: 2 runs finished, 0 failed\nmissed: completed.mean = 1: it is 0 at scheme none',
    ]);
    expect(err).not.toContain('before a migration');
  }, 30_000);

  test('says how many runs were too short for their migration', async () => {
    const { file, out, directory } = folder(sweepText(2, '  scheme: [stock-drop]\n  until: [1500 ms, 60 s]'));
    const { exitCode, err } = await nseh('sweep', file, '--out', out, '--jobs', '1');
    expect([exitCode, err]).toEqual([0, expect.stringContaining('2 of them ended before a migration')]);
    expect((await nseh('stats', directory)).err).toContain('downtime_ms is empty in some runs');
  }, 30_000);

  test.each([
    [
      'vary:\n  a: { from: 1, to: 10, steps: 100000 }\n  b: { from: 1, to: 10, steps: 10000 }\n',
      '1000000000 combinations',
    ],
    ['vary: { scheme: [none] }\nassert:\n  - that: downtme_ms.mean < 1 s\n', 'did you mean "downtime_ms"'],
    [
      'vary: { scheme: [none] }\nuntil: { measure: downtime, relative: 5 %, reps_max: 9 }\n',
      'there is no measure "downtime"',
    ],
    ['vary: { scheme: [none] }\nwhere: scheme = com-stop\n', 'leaves no combination'],
  ])('refuses %j', async (text, words) => {
    const { file, out } = folder(`format: 1\nscenario: ${root}/scenarios/quickstart.yaml\n${text}`);
    const { exitCode, err } = await nseh('sweep', file, '--out', out);
    expect([exitCode, err]).toEqual([2, expect.stringContaining(words)]);
    expect(existsSync(out)).toBe(false);
  });

  test('prints a script for Slurm that a shell can read', async () => {
    const { file, out } = folder(sweepText(2));
    const { exitCode, out: printed } = await nseh('sweep', 'slurm', file, '--shards', '7', '--out', out);
    expect(exitCode).toBe(0);
    expect(printed).toContain('#SBATCH --array=1-7');
    expect(printed).toContain(`--out ${out} `);
    const shell = spawn('sh', ['-n'], { stdio: ['pipe', 'ignore', 'ignore'] });
    shell.stdin.end(printed);
    expect(await once(shell, 'exit')).toEqual([0, null]);
  });
});

describe('a sweep in a process of its own', () => {
  const start = (file: string, out: string): ChildProcess =>
    spawn(
      process.execPath,
      ['--import', 'tsx', join(root, 'cli/nseh.ts'), 'sweep', file, '--out', out, '--jobs', '1'],
      {
        ...{ cwd: root, stdio: 'ignore' },
      },
    );
  const done = (directory: string): number => [...readJournals(directory)].length;

  /** Fifty kills take minutes: NSEH_KILLS=50 npx vitest run cli/sweep.test.ts */
  const kills = Number(process.env['NSEH_KILLS'] ?? 2);

  /** Waits until so many runs more have ended than before. */
  async function waitFor(directory: string, count: number): Promise<void> {
    while (done(directory) < count) await sleep(10);
  }

  test(
    'that is killed again and again loses no run and does none twice; interrupted it ends with 130',
    async () => {
      const { file, out, directory } = folder(sweepText(400 + 20 * kills));
      for (let kill = 0; kill < kills; kill++) {
        const child = start(file, out);
        await waitFor(directory, done(directory) + 7);
        // Somewhere in a run or its entry in the journal: a run takes a few milliseconds.
        await sleep(kill % 8);
        child.kill('SIGKILL');
        expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
        expect(done(directory)).toBeLessThan(400 + 20 * kills);
      }
      const child = start(file, out);
      await waitFor(directory, done(directory) + 3);
      child.kill('SIGINT');
      expect(await once(child, 'exit')).toEqual([130, null]);
      writeFileSync(file, sweepText(done(directory) + 2));
      const { exitCode } = await nseh('sweep', file, '--out', out, '--jobs', '1');
      expect(exitCode).toBe(0);
      const ran = [...readJournals(directory)].map(({ cell, rep }) => `${cell} ${rep}`);
      expect(new Set(ran).size).toBe(ran.length);
      const reps = readFileSync(join(directory, 'runs.csv'), 'utf8')
        .trim()
        .split('\n')
        .slice(1)
        .map((row) => Number(row.split(',')[2]));
      expect(reps).toEqual([...reps.keys()]);
      expect(reps.length).toBeGreaterThanOrEqual(kills * 7 + 3);
    },
    60_000 + 20_000 * kills,
  );
});
