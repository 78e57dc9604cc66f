/** A number to three significant digits, without an exponent: 61.3, 0.0421, 1230. */
export function threeDigits(value: number): string {
  if (value === 0) return '0';
  const rounded = Number(value.toPrecision(3));
  const magnitude = Math.floor(Math.log10(Math.abs(rounded)));
  return rounded.toFixed(Math.min(12, Math.max(0, 2 - magnitude)));
}

/** The same for a number that there may not be. */
export function threeDigitsOrDash(value: number | null): string {
  return value === null ? '–' : threeDigits(value);
}

/** A count, exact, with a thin gap between thousands: 12 345. */
export function wholeNumber(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** A unit that a row of a table is shown in. */
export interface ShownUnit {
  readonly name: string;
  /** How many base units make one. */
  readonly size: number;
}

const timeUnits: readonly ShownUnit[] = [
  { name: 'µs', size: 1e-3 },
  { name: 'ms', size: 1 },
  { name: 's', size: 1000 },
];

const byteUnits: readonly ShownUnit[] = [
  { name: 'B', size: 1 },
  { name: 'kB', size: 1e3 },
  { name: 'MB', size: 1e6 },
  { name: 'GB', size: 1e9 },
];

/** One unit for times in ms that are shown side by side: 3410 ms beside 70 ms, but 31 s. */
export function timeUnit(valuesMs: readonly number[]): ShownUnit {
  return fitting(timeUnits, valuesMs, 10, 1);
}

/** One unit for sizes in bytes that are shown side by side: powers of 1000. */
export function byteUnit(valuesBytes: readonly number[]): ShownUnit {
  return fitting(byteUnits, valuesBytes, 1, 0);
}

/** The largest unit in which the largest value is at least `atLeast`; a given one when all are 0. */
function fitting(
  units: readonly ShownUnit[],
  values: readonly number[],
  atLeast: number,
  whenZero: number,
): ShownUnit {
  const largest = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  if (largest === 0) return units[whenZero]!;
  return units.findLast(({ size }) => largest >= size * atLeast) ?? units[0]!;
}
