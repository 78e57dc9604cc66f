import { expect, test } from 'vitest';
import { empirical, exponential, lognormal, normal, uniformInteger } from './distribution.ts';

// Nearly the largest and the smallest number that a stream returns.
const ends = [0, 2 ** -53, 0.5, 1 - 2 ** -53];

test('every variate is finite and grows with its uniform number, from 0 up to the last before 1', () => {
  const sample = empirical([3, 1, 2]);
  for (const variate of [
    (u: number) => exponential(u, 2),
    (u: number) => normal(u, 5, 2),
    (u: number) => lognormal(u, 0, 1),
    (u: number) => uniformInteger(u, 10),
    sample,
  ]) {
    const values = ends.map(variate);
    for (const value of values) expect(value).toSatisfy(Number.isFinite);
    expect([...values].sort((one, other) => one - other)).toEqual(values);
  }
});

test('an exponential variate has its median at mean · ln 2', () => {
  expect(exponential(0.5, 10)).toBeCloseTo(6.931471805599453, 12);
  expect(exponential(0, 10)).toBeCloseTo(0, 12);
});

test('normal quantiles are those of the tables', () => {
  // NIST handbook 1.3.6.7.1 and, to 16 digits, Python's statistics.NormalDist.
  expect(normal(0.5, 3, 2)).toBe(3);
  expect(normal(0.975, 0, 1)).toBeCloseTo(1.9599639845400536, 14);
  expect(normal(0.001, 0, 1)).toBeCloseTo(-3.090232306167813, 13);
  expect(normal(1e-10, 0, 1)).toBeCloseTo(-6.361340902404056, 12);
  expect(normal(1e-17, 0, 1)).toBeCloseTo(-8.4937932241096, 12);
});

test('a lognormal variate has its median at e^mu', () => {
  expect(lognormal(0.5, 2, 0.7)).toBeCloseTo(7.38905609893065, 12);
});

test('an empirical variate interpolates between the samples', () => {
  // R: quantile(c(1,2,3,4,10), .9, type = 7) is 7.6.
  expect(empirical([10, 1, 4, 2, 3])(0.9)).toBeCloseTo(7.6, 12);
  expect(empirical([7])(0.3)).toBe(7);
});

test('whole numbers are equally likely', () => {
  expect([0, 0.099, 0.1, 0.999].map((u) => uniformInteger(u, 10))).toEqual([0, 0, 1, 9]);
});
