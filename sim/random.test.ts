import { expect, test } from 'vitest';
import { Chance } from './random.ts';
import { threefry } from './threefry.ts';

test('Threefry gives the numbers that Random123 lists as known answers', () => {
  // kat_vectors of Random123 1.14, threefry2x32 with 20 rounds.
  const out = new Int32Array(2);
  const words = () => [out[0]! >>> 0, out[1]! >>> 0];
  threefry(out, 0, 0, 0, 0);
  expect(words()).toEqual([0x6b200159, 0x99ba4efe]);
  threefry(out, -1, -1, -1, -1);
  expect(words()).toEqual([0x1cb996fc, 0xbb002be7]);
  threefry(out, 0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3);
  expect(words()).toEqual([0xc4923a9c, 0x483df7a0]);
});

test('a draw depends on its names and index only, not on what was drawn before', () => {
  const one = new Chance(1, 2).stream('vm-1', 'dirty');
  const other = new Chance(1, 2).stream('vm-1', 'dirty');
  const later = one.uniform(7);
  for (let i = 0; i < 100; i++) other.uniform(i);
  other.uniform2(3, 4);
  expect(other.uniform(7)).toBe(later);
});

test('a draw keeps its value from version to version', () => {
  const stream = new Chance(1, 0).stream('vm-1', 'dirty');
  const draws = [stream.uniform(0), stream.uniform(1), stream.uniform(2 ** 40), stream.uniform2(1, 2)];
  // Recorded when the generator was chosen: whoever moves them changes every result of the simulator.
  expect(draws).toEqual([0.20899810259216678, 0.9743656372378263, 0.10330121964391725, 0.6330739363778791]);
});

test('seed, repetition, entity, purpose and index are all told apart, also where joined names are the same', () => {
  const draws = [
    new Chance(1, 0).stream('a', 'b').uniform(0),
    new Chance(2, 0).stream('a', 'b').uniform(0),
    new Chance(1, 1).stream('a', 'b').uniform(0),
    new Chance(1, 0).stream('a/b', '').uniform(0),
    new Chance(1, 0).stream('', 'a/b').uniform(0),
    new Chance(1, 0).stream('a","b', '').uniform(0),
    new Chance(1, 0).stream('a', 'b').uniform(1),
    new Chance(1, 0).stream('a', 'b').uniform(2 ** 32),
    new Chance(1, 0).stream('a', 'b').uniform2(0, 0),
    new Chance(1, 0).stream('a', 'b').uniform2(0, 1),
    new Chance(1, 0).stream('a', 'b').uniform2(1, 0),
  ];
  expect(new Set(draws).size).toBe(draws.length);
});

const count = 100_000;
const sequences: [string, (i: number) => number][] = [
  ['neighbouring indices', byIndex('vm-1')],
  ['neighbouring entities', (i) => new Chance(1, 0).stream(`vm-${i}`, 'dirty').uniform(0)],
  ['neighbouring repetitions', (i) => new Chance(1, i).stream('vm', 'dirty').uniform(5)],
  ['neighbouring seeds', (i) => new Chance(i, 0).stream('vm', 'dirty').uniform(200)],
  ['indices 2^32 apart', (i) => stream.uniform(i * 2 ** 32 + 3)],
  ['first parts of an index', (i) => stream.uniform2(i, 1)],
  ['second parts of an index', (i) => stream.uniform2(1, i)],
];
const stream = new Chance(3, 1).stream('vm-1', 'dirty');

function byIndex(entity: string): (i: number) => number {
  const own = new Chance(1, 0).stream(entity, 'dirty');
  return (i) => own.uniform(i);
}

test.each(sequences)('draws of %s are uniform and uncorrelated', (_, draw) => {
  const draws = Float64Array.from({ length: count }, (_, i) => draw(i));
  // 255 degrees of freedom: mean 255, standard deviation sqrt(2 · 255) = 22.6; four of these either way.
  expect(Math.abs(chiSquare(draws) - 255)).toBeLessThan(4 * 22.6);
  // The correlation of independent draws has standard deviation 1 / sqrt(n) = 0.0032.
  for (const lag of [1, 2, 3, 10, 50]) expect(Math.abs(lagCorrelation(draws, lag))).toBeLessThan(4 * 0.0032);
});

test('the low bits of a draw are as uniform as the high ones', () => {
  const draws = Float64Array.from({ length: count }, (_, i) => (stream.uniform(i) * 2 ** 45) % 1);
  expect(Math.abs(chiSquare(draws) - 255)).toBeLessThan(4 * 22.6);
});

function chiSquare(draws: Float64Array): number {
  const cells = new Float64Array(256);
  for (const draw of draws) cells[Math.floor(draw * 256)]!++;
  const expected = draws.length / 256;
  return cells.reduce((sum, cell) => sum + (cell - expected) ** 2 / expected, 0);
}

function lagCorrelation(draws: Float64Array, lag: number): number {
  let sum = 0;
  for (let i = lag; i < draws.length; i++) sum += (draws[i]! - 0.5) * (draws[i - lag]! - 0.5);
  // The variance of a uniform number is 1/12.
  return (sum * 12) / (draws.length - lag);
}
