import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { BoxTable } from './box-table.ts';
import type { Box, Interval } from './box-table.ts';

// Few slots and values that cluster, so that boxes overlap, nest and miss each other about equally often.
const value = fc.oneof(fc.nat(20), fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0, 0xffff_ffff));
const interval: fc.Arbitrary<Interval> = fc
  .tuple(fc.nat(5), value, value, fc.boolean())
  .map(([slot, a, b, exact]) => ({
    slot,
    low: Math.min(a, b),
    high: exact ? Math.min(a, b) : Math.max(a, b),
  }));
const box: fc.Arbitrary<Box> = fc
  .tuple(fc.array(interval, { maxLength: 4 }), fc.option(fc.nat(3)))
  .map(([intervals, remainder]) => ({
    intervals,
    tests: remainder === null ? [] : [(row) => row[0]! % 4 === remainder],
  }));
const row = fc.array(value, { minLength: 6, maxLength: 6 }).map((values) => Uint32Array.from(values));

describe('a table of boxes', () => {
  test.prop(
    [
      fc.array(box, { minLength: 1, maxLength: 200 }),
      fc.array(row, { minLength: 1, maxLength: 30 }),
      fc.nat(200),
    ],
    {
      numRuns: 300,
    },
  )('finds the same box by its index as one by one', (boxes, rows, from) => {
    const table = new BoxTable(boxes);
    for (const each of rows) expect(table.first(each, from)).toBe(table.firstLinear(each, from));
  });

  // Rows drawn from the boxes' own corners, since random ones rarely lie in narrow boxes.
  test.prop([fc.array(box, { minLength: 20, maxLength: 120 })], { numRuns: 100 })(
    'agrees with the linear search at the corners of its boxes',
    (boxes) => {
      const table = new BoxTable(boxes);
      for (const { intervals } of boxes) {
        const corner = new Uint32Array(6);
        for (const { slot, low } of intervals) corner[slot] = low;
        const beyond = corner.slice();
        for (const { slot, high } of intervals) beyond[slot] = high + 1;
        for (const each of [corner, beyond]) expect(table.first(each, 0)).toBe(table.firstLinear(each, 0));
      }
    },
  );
});
