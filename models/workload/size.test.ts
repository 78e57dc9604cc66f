import { expect, test } from 'vitest';
import { drawBytes, meanBytes, type Size } from './size.ts';

const sizes: readonly Size[] = [
  { kind: 'constant', bytes: 700 },
  { kind: 'exponential', meanBytes: 5000 },
  { kind: 'lognormal', medianBytes: 2000, sigma: 0.8 },
  {
    kind: 'mix',
    parts: [
      { share: 0.7, bytes: 100 },
      { share: 0.3, bytes: 9000 },
    ],
  },
];

test.each(sizes)('draws of $kind have its mean and say something', (size) => {
  const count = 100_000;
  const draws = Array.from({ length: count }, (_, index) => drawBytes(size, (index + 0.5) / count));
  expect(Math.min(...draws)).toBeGreaterThanOrEqual(1);
  expect(draws.every(Number.isInteger)).toBe(true);
  // The midpoints of 100,000 equal steps integrate the quantile function to within a thousandth.
  const mean = draws.reduce((sum, bytes) => sum + bytes, 0) / count;
  expect(mean / meanBytes(size)).toBeCloseTo(1, 2);
});

test('a mix takes its parts in proportion to their shares', () => {
  const size = sizes[3]!;
  expect([0, 0.69, 0.7, 0.999_999].map((u) => drawBytes(size, u))).toEqual([100, 100, 9000, 9000]);
});
