import { expect, test } from 'vitest';
import { quantile } from './statistics.ts';

test('quantiles are of type 7', () => {
  // R 4.2: quantile(c(1, 2, 3, 4, 10), .9) is 7.6.
  expect(quantile([10, 1, 4, 2, 3], 0.9)).toBeCloseTo(7.6, 12);
  expect(quantile([1, 2], 0.5)).toBe(1.5);
  expect(quantile([], 0.5)).toBeNull();
});
