import { expect, test } from 'vitest';
import { byteUnit, threeDigits, timeUnit, wholeNumber } from './three-digits.ts';

test('three digits stay, whatever the magnitude', () => {
  const shown = [61.289, 4.8666, 0.042149, 1234, 999.7, 100, -3.14159, 0].map(threeDigits);
  expect(shown).toEqual(['61.3', '4.87', '0.0421', '1230', '1000', '100', '-3.14', '0']);
});

test('counts are exact and grouped', () => {
  expect([0, 999, 1000, 1234567].map(wholeNumber)).toEqual(['0', '999', '1 000', '1 234 567']);
});

test('numbers side by side share the unit that fits the largest', () => {
  expect(timeUnit([0.2, 61]).name).toBe('ms');
  expect(timeUnit([2, 9999]).name).toBe('ms');
  expect(timeUnit([2, 15_000]).name).toBe('s');
  expect(timeUnit([0.2, 0]).name).toBe('µs');
  expect(byteUnit([512, 4_000_000]).name).toBe('MB');
  expect(byteUnit([]).name).toBe('B');
});
