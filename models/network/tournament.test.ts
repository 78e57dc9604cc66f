import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Tournament } from './tournament.ts';

it('knows the least of its numbers, and the first of equals, after each change', () => {
  const numbers = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 40 });
  const changes = fc.array(fc.tuple(fc.nat(39), fc.oneof(fc.nat(9), fc.constant(Infinity))));
  const tournament = new Tournament();
  fc.assert(
    fc.property(numbers, changes, (values, steps) => {
      tournament.clear();
      for (const value of values) tournament.add(value);
      expect([tournament.first, tournament.least]).toEqual(firstLeast(values));
      for (const [place, value] of steps) {
        const index = place % values.length;
        values[index] = value;
        tournament.set(index, value);
        expect([tournament.first, tournament.least]).toEqual(firstLeast(values));
      }
    }),
  );
});

it('has no least number while it has none', () => {
  const tournament = new Tournament();
  expect(tournament.least).toBe(Infinity);
  tournament.add(3);
  tournament.clear();
  expect(tournament.least).toBe(Infinity);
});

function firstLeast(values: readonly number[]): [number, number] {
  const least = Math.min(...values);
  return [values.indexOf(least), least];
}
