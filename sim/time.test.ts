import { expect, test } from 'vitest';
import { microseconds, milliseconds, seconds, transferNs } from './time.ts';

test('units become whole nanoseconds', () => {
  expect([microseconds(1.5), milliseconds(0.2), seconds(3)]).toEqual([1500, 200_000, 3_000_000_000]);
  expect(seconds(0.1 + 0.2)).toBe(300_000_000);
});

test('a transfer ends with its last bit, rounded up', () => {
  // 1,500 B = 12,000 bit at 10 Gbit/s: 1.2 us. 1 B at 3 bit/s: 8/3 s.
  expect(transferNs(1500, 10e9)).toBe(1200);
  expect(transferNs(1, 3)).toBe(2_666_666_667);
  expect(transferNs(0, 1)).toBe(0);
  expect(transferNs(1500, Infinity)).toBe(0);
});
