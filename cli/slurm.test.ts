import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SlurmCluster, slurmMissing, until } from './slurm-cluster.fixture.ts';

const root = resolve(import.meta.dirname, '..');
const asked = process.env['NSEH_SLURM'] === '1';
const missing = asked ? slurmMissing() : 'takes minutes; NSEH_SLURM=1 asks for it';

const sweepText = `
format: 1
name: small
scenario: ${root}/scenarios/quickstart.yaml
set: { until: 3 s, "migrations[0].at": 1 s, "workloads[browsing].connections": 20 }
vary:
  scheme: [stock-drop, com-rounds]
  initial_context[0].entries: { values: [100, 300, 1000, 3000], as: entries }
reps: 40
`;

describe.skipIf(missing !== null)(
  `a sweep on two nodes of Slurm${missing === null ? '' : ` (${missing})`}`,
  () => {
    test('gives the bytes that it gives here, though one task is killed and queued again', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'nseh-slurm-sweep-'));
      const file = join(folder, 'small.yaml');
      writeFileSync(file, sweepText);
      const nseh = (...args: string[]): string =>
        execFileSync(process.execPath, [join(root, 'dist/cli/nseh.js'), ...args], {
          encoding: 'utf8',
          stdio: 'pipe',
        });
      nseh('sweep', file, '--out', join(folder, 'here'));
      const script = join(folder, 'submit.sh');
      writeFileSync(
        script,
        nseh('sweep', 'slurm', file, '--shards', '4', '--cpus', '1', '--out', join(folder, 'there')),
      );

      const cluster = new SlurmCluster();
      try {
        await cluster.start();
        const array = /array (\d+)/.exec(cluster.run('sh', script))?.[1] ?? '';
        expect(array).not.toBe('');
        const running = (): string[] =>
          cluster
            .run('squeue', '--noheader', '--states=running', '--format=%i %N')
            .split('\n')
            .filter(Boolean);
        const ended = (): number => lines(join(folder, 'there/small/journal/shard-2-of-4.jsonl'));
        await until('the second task has ended some of its runs', () => ended() > 5);
        const [one, two] = running();
        expect([one?.split(' ')[1], two?.split(' ')[1]].sort()).toEqual(['n1', 'n2']);
        const before = ended();
        cluster.run('scontrol', 'requeue', `${array}_2`);
        await until(
          'the task is no longer running',
          () => !running().some((line) => line.startsWith(`${array}_2 `)),
        );
        // Slurm holds a job that was queued again for two minutes.
        await until('all has been merged', () => cluster.run('squeue', '--noheader') === '', 400);
        expect(before).toBeLessThan(80);
        expect(readFileSync(join(folder, 'there/small/slurm/2.log'), 'utf8')).toContain(
          'stopped; what has ended is kept',
        );
      } finally {
        await cluster.stop();
      }
      for (const name of ['runs.csv', 'manifest.json', 'plan.csv'])
        expect(readFileSync(join(folder, 'there/small', name))).toEqual(
          readFileSync(join(folder, 'here/small', name)),
        );
    }, 600_000);
  },
);

function lines(path: string): number {
  try {
    return readFileSync(path, 'utf8').split('\n').length - 1;
  } catch {
    return 0;
  }
}
