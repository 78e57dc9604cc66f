import { threeDigits, wholeNumber } from '../three-digits.ts';

/** A number beside an axis, in the form that tables have. */
export function axisNumber(value: number): string {
  const size = Math.abs(value);
  const shown = Number.isInteger(size) ? wholeNumber(size) : String(Number(size.toPrecision(6)));
  return value < 0 ? `−${shown}` : shown;
}

/** A number on a bar or in a cell, to three digits, in the same form: 0.575, 13, 9 030. */
export function shownNumber(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return axisNumber(Number(value.toPrecision(3)));
  return threeDigits(value);
}
