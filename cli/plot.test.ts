import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeComparison } from '../results/report/try-comparison.fixture.ts';
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
  expect(readFileSync(files[0] ?? '', 'utf8')).toContain('>2 values; 1 of 3 rows are empty<');
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

test('draws one migration over time, of a run and of schemes side by side', async () => {
  const out = mkdtempSync(join(tmpdir(), 'nseh-plot-'));
  const comparison = makeComparison(out, ['none', 'stock-drop', 'com-rounds']);
  const both = await nseh('plot', 'timeline', comparison, '--format', 'svg,png,pdf', '--width', 'two');
  expect([both.exitCode, both.err]).toEqual([0, '']);
  const drawing = readFileSync(join(comparison, 'figures/timeline.svg'), 'utf8');
  for (const text of ['stock-drop', 'com-rounds', 'The move', 'Around the pause'])
    expect(drawing).toContain(`>${text}<`);
  const run = join(comparison, 'com-rounds-s1-r0');
  const one = await nseh('plot', 'timeline', run, '--migration', 'move', '--title', 'Mine');
  expect([one.exitCode, one.err]).toEqual([0, '']);
  const mine = readFileSync(join(run, 'figures/timeline-move.svg'), 'utf8');
  expect(mine).toContain('>Mine<');
  expect(mine).not.toContain('>stock-drop<');
});

test.each([
  [['timeline', '--y', 'delay_ms'], 'says nothing to a timeline'],
  [['timeline'], 'holds no run and no comparison'],
  [['cdf', '--table', 'connections', '--y', 'delay_ms', '--migration', 'm1'], 'belongs to a timeline'],
])('refuses %j', async ([figure = '', ...options], words) => {
  const { exitCode, err } = await nseh('plot', figure, runDirectory(), ...options);
  expect([exitCode, err]).toEqual([2, expect.stringContaining(words)]);
});
