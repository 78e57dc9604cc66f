import { pageBytes } from '../models/compute/memory-access.ts';
import { suggestion } from './did-you-mean.ts';

/** What a quantity measures. Base units: ns, bytes, bit/s, pages of 4 KiB, pages per second, a fraction of 1. */
export type Dimension = 'time' | 'size' | 'rate' | 'pages' | 'page-rate' | 'share';

export type ParsedQuantity =
  { readonly ok: true; readonly value: number } | { readonly ok: false; readonly message: string };

const number = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,2}))?(?![\w.]*\d)\s*(.*)$/;

/**
 * Reads a number with its unit, such as `200 ms`, into the base unit of its dimension, exactly: the decimal
 * text is scaled in whole numbers, never in floating point. Units are case-sensitive and come from the closed
 * table of the dimension; the space before them may be left out. A bare number is refused.
 */
export function parseQuantity(text: string, dimension: Dimension): ParsedQuantity {
  const trimmed = text.trim();
  const match = trimmed.length > 60 ? null : number.exec(trimmed);
  if (match === null) return refuse(`"${shorten(trimmed)}" is not a number with a unit`);
  const [, sign, whole, decimals = '', exponent = '0', unit] = match;
  if (unit === undefined || unit === '') return refuse(`"${trimmed}" has no unit`);
  const factor = tables[dimension].get(unit);
  if (factor === undefined) {
    const meant = suggestion(unit, unitsOf(dimension));
    return refuse(`unknown ${dimensionNames[dimension]} unit "${shorten(unit)}"${meant}`);
  }
  if (sign === '-') return refuse(`"${trimmed}" is negative`);
  const digits = `${whole}${decimals}`;
  const power = Number(exponent) - decimals.length;
  return dimension === 'share'
    ? fraction(digits, power, factor)
    : wholeNumber(digits, power, factor, dimension);
}

/**
 * The shortest text of at least one unit and at most three decimals that {@link parseQuantity} reads back as `value`, which is in
 * the base unit: whole, or for a share any fraction.
 */
export function formatQuantity(value: number, dimension: Dimension): string {
  if (dimension === 'share') return formatShare(value);
  let best = `${value} ${shownUnits[dimension][0]!}`;
  for (const unit of shownUnits[dimension]) {
    const { numerator, denominator } = tables[dimension].get(unit)!;
    const thousandths = BigInt(value) * denominator * 1000n;
    if (thousandths % numerator !== 0n || thousandths < 1000n * numerator) continue;
    const text = `${decimalText(thousandths / numerator)} ${unit}`;
    if (text.length <= best.length) best = text;
  }
  return best;
}

/** The units that a dimension knows, as they are written. */
export function unitsOf(dimension: Dimension): readonly string[] {
  return [...tables[dimension].keys()];
}

/** The dimension in words, for messages: `time`, `rate`, … */
export function nameOf(dimension: Dimension): string {
  return dimensionNames[dimension];
}

/** One unit is numerator / denominator base units. */
interface Factor {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

function wholeNumber(digits: string, power: number, factor: Factor, dimension: Dimension): ParsedQuantity {
  const numerator = BigInt(digits) * factor.numerator * 10n ** BigInt(Math.max(power, 0));
  const denominator = factor.denominator * 10n ** BigInt(Math.max(-power, 0));
  if (numerator % denominator !== 0n) return refuse(`is not a whole number of ${baseNames[dimension]}`);
  const value = numerator / denominator;
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    return refuse(`is more than ${formatQuantity(Number.MAX_SAFE_INTEGER, dimension)}`);
  }
  return { ok: true, value: Number(value) };
}

/** The double nearest to the decimal text, which the language's own reader finds. */
function fraction(digits: string, power: number, factor: Factor): ParsedQuantity {
  const percentPower = power - (factor.denominator.toString().length - 1);
  return { ok: true, value: Number(`${digits}e${percentPower}`) };
}

function formatShare(value: number): string {
  if (value === 0) return '0 %';
  // The point is moved in the text of the shortest decimal: a multiplication by 100 would round.
  const [mantissa = '0', power = '0'] = value.toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const point = Number(power) + 3;
  if (point < -3) return `${mantissa}e${Number(power) + 2} %`;
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const at = Math.max(point, 1);
  return padded.length > at ? `${padded.slice(0, at)}.${padded.slice(at)} %` : `${padded} %`;
}

function decimalText(thousandths: bigint): string {
  const whole = thousandths / 1000n;
  const rest = (thousandths % 1000n).toString().padStart(3, '0').replace(/0+$/, '');
  return rest === '' ? `${whole}` : `${whole}.${rest}`;
}

function refuse(message: string): ParsedQuantity {
  return { ok: false, message };
}

function shorten(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 37)}...`;
}

function table(entries: readonly (readonly [string, number, number?])[]): ReadonlyMap<string, Factor> {
  return new Map(
    entries.map(([unit, numerator, denominator = 1]) => [
      unit,
      { numerator: BigInt(numerator), denominator: BigInt(denominator) },
    ]),
  );
}

const byteUnits = [
  ['B', 1],
  ['kB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['TB', 1e12],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
  ['TiB', 2 ** 40],
] as const;

const bitUnits = [
  ['bit', 1],
  ['kbit', 1e3],
  ['Mbit', 1e6],
  ['Gbit', 1e9],
  ['Tbit', 1e12],
  ['Kibit', 2 ** 10],
  ['Mibit', 2 ** 20],
  ['Gibit', 2 ** 30],
] as const;

const tables: Readonly<Record<Dimension, ReadonlyMap<string, Factor>>> = {
  time: table([
    ['ns', 1],
    ['us', 1e3],
    ['ms', 1e6],
    ['s', 1e9],
    ['min', 60e9],
    ['h', 3600e9],
    ['d', 86400e9],
  ]),
  size: table([...byteUnits, ['page', pageBytes], ['pages', pageBytes]]),
  rate: table([
    ...bitUnits.map(([unit, factor]) => [`${unit}/s`, factor] as const),
    ...(['bps', 'kbps', 'Mbps', 'Gbps', 'Tbps'] as const).map((unit, k) => [unit, 1000 ** k] as const),
    ...byteUnits.map(([unit, factor]) => [`${unit}/s`, 8 * factor] as const),
  ]),
  pages: table([
    ['page', 1],
    ['pages', 1],
    ...byteUnits.map(([unit, factor]) => [unit, factor, pageBytes] as const),
  ]),
  'page-rate': table([
    ['page/s', 1],
    ['pages/s', 1],
    ...byteUnits.map(([unit, factor]) => [`${unit}/s`, factor, pageBytes] as const),
  ]),
  share: table([
    ['%', 1, 100],
    ['ppm', 1, 1_000_000],
  ]),
};

/** The units that are written back, the base unit first. */
const shownUnits: Readonly<Record<Dimension, readonly string[]>> = {
  time: ['ns', 'us', 'ms', 's', 'min', 'h', 'd'],
  size: ['B', 'kB', 'MB', 'GB', 'TB', 'KiB', 'MiB', 'GiB', 'TiB'],
  rate: ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s', 'MiB/s', 'GiB/s'],
  pages: ['pages'],
  'page-rate': ['pages/s'],
  share: ['%'],
};

const dimensionNames: Readonly<Record<Dimension, string>> = {
  time: 'time',
  size: 'size',
  rate: 'rate',
  pages: 'page count',
  'page-rate': 'page rate',
  share: 'share',
};

const baseNames: Readonly<Record<Dimension, string>> = {
  time: 'nanoseconds',
  size: 'bytes',
  rate: 'bits per second',
  pages: 'pages of 4 KiB',
  'page-rate': 'pages per second',
  share: 'ones',
};
