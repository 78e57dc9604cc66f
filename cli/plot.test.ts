import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nseh } from './try-nseh.ts';

/** A run's directory, as far as figures need it. */
function runDirectory(): string {
  const directory = join(mkdtempSync(join(tmpdir(), 'nseh-plot-')), 'run');
  mkdirSync(directory);
  writeFileSync(
    join(directory, 'connections.csv'),
    'workload,outcome,delay_ms\nweb,stalled,10\nweb,stalled,30\nssh,untouched,\n',
  );
  writeFileSync(join(directory, 'drops.csv'), 'time_ms,cause\n1,rule\n');
  return directory;
}

test('draws a column of a run’s table in all formats', async () => {
  const directory = runDirectory();
  const { exitCode, out } = await nseh(
    'plot',
    'cdf',
    directory,
    '--table',
    'connections',
    '--y',
    'delay_ms',
    '--format',
    'svg,png,pdf',
  );
  expect(exitCode).toBe(0);
  const files = out.split('\n');
  expect(files).toEqual(
    ['svg', 'png', 'pdf'].map((ending) => join(directory, `figures/cdf-delay_ms.${ending}`)),
  );
  const begins = files.map((file) => readFileSync(file).subarray(0, 4).toString('latin1'));
  expect(begins).toEqual(['<svg', '\x89PNG', '%PDF']);
  expect(readFileSync(files[0] ?? '', 'utf8')).toContain('>2 values<');
});

test.each([
  [['--y', 'delay_ms'], 'holds several tables'],
  [['--table', 'drop', '--y', 'delay_ms'], 'has no table "drop"'],
  [['--table', 'connections'], '--y'],
  [['--table', 'connections', '--y', 'dely_ms'], 'did you mean "delay_ms"'],
  [['--table', 'connections', '--y', 'delay_ms', '--width', 'three'], 'It has to be one, two'],
  [['--table', 'connections', '--y', 'delay_ms', '--format', 'gif'], 'some of svg, png, pdf'],
])('refuses %j and says what is allowed', async (options, words) => {
  const { exitCode, err } = await nseh('plot', 'cdf', runDirectory(), ...options);
  expect([exitCode, err]).toEqual([2, expect.stringContaining(words)]);
});

test('refuses a directory that holds nothing', async () => {
  const { exitCode, err } = await nseh('plot', 'cdf', join(runDirectory(), 'none'), '--y', 'x');
  expect([exitCode, err]).toEqual([2, expect.stringContaining('holds no table')]);
});
