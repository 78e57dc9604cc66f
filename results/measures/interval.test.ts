import { expect, test } from 'vitest';
import { test as property, fc } from '@fast-check/vitest';
import { lengthNs, union, within } from './interval.ts';

test('touching and overlapping intervals become one', () => {
  const intervals = [
    { startNs: 5, endNs: 8 },
    { startNs: 0, endNs: 3 },
    { startNs: 3, endNs: 4 },
    { startNs: 6, endNs: 7 },
    { startNs: 9, endNs: 9 },
  ];
  expect(union(intervals)).toEqual([
    { startNs: 0, endNs: 4 },
    { startNs: 5, endNs: 8 },
  ]);
});

test('a frame cuts what sticks out of it', () => {
  expect(within([{ startNs: 0, endNs: 10 }], { startNs: 4, endNs: 6 })).toEqual([{ startNs: 4, endNs: 6 }]);
  expect(within([{ startNs: 0, endNs: 3 }], { startNs: 4, endNs: 6 })).toEqual([]);
});

const instant = fc.integer({ min: 0, max: 40 });

property.prop([fc.array(fc.record({ startNs: instant, endNs: instant }))])(
  'the length of a union is the number of instants that some interval covers',
  (intervals) => {
    let covered = 0;
    for (let time = 0; time < 40; time++)
      if (intervals.some(({ startNs, endNs }) => startNs <= time && time < endNs)) covered++;
    expect(lengthNs(intervals)).toBe(covered);
  },
);
