import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { ScenarioError } from '../sim/assert.ts';
import { designPoints } from './sweep-design.ts';
import type { Sweep } from './sweep.ts';
import { parseSweep } from './sweep.ts';

const head = 'format: 1\nscenario: lab.yaml\n';

const cells = (sweep: Sweep): (string | number)[][] =>
  [...designPoints(sweep.axes, sweep.design)]
    .filter((point) => sweep.where(point))
    .map((point) => point.map(({ cell }) => cell));

function problems(text: string): { place: string; message: string }[] {
  try {
    parseSweep('dir/grid.yaml', text);
  } catch (error) {
    if (error instanceof ScenarioError)
      return error.problems.map(({ place, message }) => ({ place, message }));
    throw error;
  }
  return [];
}

describe('a sweep file', () => {
  test('has every combination of its lists, the last changing fastest', () => {
    const sweep = parseSweep('dir/grid.yaml', `${head}vary:\n  scheme: [a, b]\n  x.count: [1, 2]\nreps: 3\n`);
    expect(cells(sweep)).toEqual([
      ['a', 1],
      ['a', 2],
      ['b', 1],
      ['b', 2],
    ]);
    expect([sweep.name, sweep.scenarioPath, sweep.repetitions]).toEqual(['grid', 'dir/lab.yaml', 3]);
  });

  test('spaces a range evenly, or evenly in its logarithm, ends included', () => {
    const ranges = `vary:\n  a: { from: 0, to: 1, steps: 3 }\n  b: { from: 1, to: 1000, steps: 4, scale: log, whole: true }\n`;
    const [a, b] = parseSweep('g.yaml', head + ranges).axes.map(({ factors }) =>
      factors[0]?.levels.map(({ cell }) => cell),
    );
    expect(a).toEqual([0, 0.5, 1]);
    expect(b).toEqual([1, 10, 100, 1000]);
  });

  test('spaces sizes of whole pages by whole pages, and others by bytes', () => {
    const range = (from: string, to: string): string =>
      `${head}vary:\n  size: { from: ${from}, to: ${to}, steps: 4, scale: log }\n`;
    const sizes = (text: string): unknown =>
      parseSweep('g.yaml', text).axes[0]?.factors[0]?.levels.map(({ cell }) => cell);
    // 2^20 · 10^(1/3) = 2,259,088 = 551.53 pages, and 2^20 · 10^(2/3) = 4,867,047 = 1,188.24 pages.
    expect(sizes(range('1 MiB', '10 MiB'))).toEqual([2 ** 20, 552 * 4096, 1188 * 4096, 10 * 2 ** 20]);
    expect(sizes(range('1 kB', '1 MB'))).toEqual([1e3, 1e4, 1e5, 1e6]);
    expect(sizes(range('4 KiB', '4000 KiB'))).toEqual([4096, 40_960, 409_600, 4_096_000]);
  });

  test('names a column after the end of the path and the unit of its quantities', () => {
    const sweep = parseSweep(
      'g.yaml',
      `${head}vary:\n  hosts[0].link.rate: [1 Gbit/s, 500 Mbit/s]\n  vms[0].pause: [10 ms, 1 s]\n`,
    );
    expect(sweep.axes.map(({ factors }) => factors[0]?.column)).toEqual(['rate_bps', 'pause_ms']);
    expect(cells(sweep)[3]).toEqual([500e6, 1000]);
    expect(sweep.axes[0]?.factors[0]?.levels[1]?.value).toBe('500 Mbit/s');
  });

  test('couples what is zipped', () => {
    const sweep = parseSweep('g.yaml', `${head}zip:\n  - { a: [1, 2], b: [x, y] }\nvary: { c: [7, 8] }\n`);
    expect(cells(sweep)).toEqual([
      [7, 1, 'x'],
      [7, 2, 'y'],
      [8, 1, 'x'],
      [8, 2, 'y'],
    ]);
  });

  test.each([
    [
      'a < 3 and b != y',
      [
        [1, 'x'],
        [2, 'x'],
      ],
    ],
    [
      'a = 1 or (a = 3 and not b = x)',
      [
        [1, 'x'],
        [1, 'y'],
        [3, 'y'],
      ],
    ],
    [
      'b in [y] and a >= 2',
      [
        [2, 'y'],
        [3, 'y'],
      ],
    ],
  ])('keeps the combinations for which %s', (where, kept) => {
    expect(
      cells(parseSweep('g.yaml', `${head}vary: { a: [1, 2, 3], b: [x, y] }\nwhere: ${where}\n`)),
    ).toEqual(kept);
  });

  test('compares quantities in whatever unit they are written', () => {
    const sweep = parseSweep(
      'g.yaml',
      `${head}vary: { pause: [10 ms, 200 ms, 3 s] }\nwhere: pause <= 0.2 s\n`,
    );
    expect(cells(sweep)).toEqual([[10], [200]]);
  });

  test('is refused with all that is wrong, each in its place', () => {
    const text = `${head}vary:\n  a: []\n  b: { from: 5, to: 1 }\n  c: { from: 1, to: 9 }\nwhere: d = 1\nzip:\n  - { e: [1], f: [1, 2] }\n`;
    expect(problems(text).map(({ place, message }) => `${place} ${message}`)).toEqual([
      'dir/grid.yaml:4:6 vary.a has no values',
      'dir/grid.yaml:5:6 vary.b ends before it begins',
      'dir/grid.yaml:9:5 zip[0] values that change together: e has 1, f has 2',
      'dir/grid.yaml:6:6 vary.c a range in a grid needs steps',
      'dir/grid.yaml:7:8 where "d" is not varied; did you mean "c"?',
    ]);
  });

  test('is refused by the number of its combinations, without making them', () => {
    const axes = ['a', 'b', 'c'].map((name) => `  ${name}: { from: 1, to: 1000, steps: 1000 }\n`).join('');
    expect(problems(`${head}vary:\n${axes}`)[0]?.message).toBe(
      '1000 × 1000 × 1000 = 1000000000 combinations, 1000000000 runs: more than anyone waits for',
    );
  });

  test('that varies nothing is refused', () => {
    expect(problems(head)[0]?.message).toBe('nothing is varied');
  });
});

describe('a Latin hypercube', () => {
  property.prop([fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 2 ** 32 - 1 })])(
    'has exactly one point in each slice of every axis',
    (points, seed) => {
      const ranges = 'vary: { a: { from: 0, to: 1 }, b: { from: 0, to: 10 } }\n';
      const design = `design: { kind: latin-hypercube, points: ${points} }\nseed: ${seed}\n`;
      const made = cells(parseSweep('g.yaml', head + ranges + design));
      for (const [axis, width] of [1, 10].entries()) {
        const slices = made.map((point) => Math.floor((Number(point[axis]) / width) * points));
        expect(slices.sort((x, y) => x - y)).toEqual([...Array(points).keys()]);
      }
    },
  );

  test('pairs its axes differently from the order of the points', () => {
    const ranges = 'vary: { a: { from: 0, to: 1 }, b: { from: 0, to: 1 } }\n';
    const made = cells(
      parseSweep('g.yaml', `${head}${ranges}design: { kind: latin-hypercube, points: 400 }\n`),
    );
    // Of 400 independent pairs the correlation has a standard deviation of 1/20.
    const covariance = made.reduce((sum, [a, b]) => sum + (Number(a) - 0.5) * (Number(b) - 0.5), 0) / 400;
    expect(Math.abs(covariance * 12)).toBeLessThan(0.2);
  });
});
