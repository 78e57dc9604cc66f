import type { z } from 'zod';
import { pageBytes } from '../models/compute/memory-access.ts';
import { fileProblems } from './file/file-problems.ts';
import type { FileProblem } from './file/file-problems.ts';
import { show } from './file/scalar.ts';
import type { FieldPath } from './source-problem.ts';
import { rangeFile, valuesFile } from './sweep-file.ts';
import { formatQuantity, parseQuantity } from './units.ts';
import type { Dimension } from './units.ts';

/** One value that a factor takes. */
export interface SweepLevel {
  /** As the scenario file would hold it. */
  readonly value: unknown;
  /** As `runs.csv` shows it: a number in the unit of the column, or text. */
  readonly cell: string | number;
}

/** A path of the scenario that a sweep varies. */
export interface SweepFactor {
  /** A path as for `--set`, or `scheme` for the scheme of all migrations. */
  readonly path: string;
  /** Name of its column, which ends in its unit. */
  readonly column: string;
  readonly dimension: Dimension | null;
  /** The values of a grid; empty for a range without steps, which only a random design can use. */
  readonly levels: readonly SweepLevel[];
  /** The value at a fraction of the way, from 0 up to but not including 1. */
  readonly at: (fraction: number) => SweepLevel;
}

/** What `vary` or `zip` says of one path, read; or what is wrong with it. */
export function readFactor(
  path: string,
  written: unknown,
  place: FieldPath,
): { readonly factor: SweepFactor | null; readonly problems: readonly FileProblem[] } {
  if (Array.isArray(written)) return listFactor(path, undefined, written as readonly unknown[], place);
  if (typeof written === 'object' && written !== null && 'values' in written) {
    const parsed = valuesFile.safeParse(written);
    if (!parsed.success) return refused(parsed.error.issues, written, place);
    return listFactor(path, parsed.data.as, parsed.data.values, place);
  }
  if (typeof written === 'object' && written !== null) {
    const parsed = rangeFile.safeParse(written);
    return parsed.success
      ? rangeFactor(path, parsed.data, place)
      : refused(parsed.error.issues, written, place);
  }
  return failed(place, `${show(written)} is neither a list nor a range`, allowedValues);
}

/** The column of a factor: its last name, with the unit of its values. */
function columnOf(path: string, name: string | undefined, dimension: Dimension | null): string {
  const short = name ?? /([\w-]+)(?:\[[^\]]*\])?$/.exec(path)?.[1] ?? path;
  const unit = dimension === null ? '' : columnUnits[dimension].suffix;
  return unit === '' || short.endsWith(unit) ? short : `${short}${unit}`;
}

type RangeFile = z.output<typeof rangeFile>;

function listFactor(
  path: string,
  name: string | undefined,
  values: readonly unknown[],
  place: FieldPath,
): ReturnType<typeof readFactor> {
  if (values.length === 0) return failed(place, 'has no values', allowedValues);
  const dimension = commonDimension(values);
  const levels = values.map((value) => ({ value, cell: cellOf(value, dimension) }));
  const twice = levels.find(({ cell }, index) => levels.findIndex((other) => other.cell === cell) < index);
  if (twice !== undefined) return failed(place, `has the value ${twice.cell} twice`, 'every value once');
  const column = columnOf(path, name, dimension);
  const at = (fraction: number): SweepLevel => levels[Math.floor(fraction * levels.length)]!;
  return { factor: { path, column, dimension, levels, at }, problems: [] };
}

function rangeFactor(path: string, range: RangeFile, place: FieldPath): ReturnType<typeof readFactor> {
  const dimension = commonDimension([range.from, range.to]);
  const from = numberOf(range.from, dimension);
  const to = numberOf(range.to, dimension);
  if (from === null || to === null) {
    return failed(
      place,
      'has no numbers from and to',
      'from and to: numbers of the same kind, with their units',
    );
  }
  if (from >= to) return failed(place, 'ends before it begins', 'from less than to');
  if (range.scale === 'log' && from <= 0)
    return failed([...place, 'from'], 'has no logarithm', 'more than 0');
  const pages = dimension === 'size' && countsPages(from) && countsPages(to);
  const level = (value: number): SweepLevel => {
    return levelOf(pages ? Math.round(value / pageBytes) * pageBytes : value, dimension, range.whole);
  };
  const between = (share: number): number =>
    range.scale === 'log' ? from * (to / from) ** share : from + (to - from) * share;
  const { steps = 0 } = range;
  const levels = Array.from({ length: steps }, (_, step) =>
    // The last value is the one that is written, which a power need not hit.
    level(step === steps - 1 ? to : between(step / (steps - 1))),
  );
  if (new Set(levels.map(({ cell }) => cell)).size < steps) {
    return failed([...place, 'steps'], 'gives the same value twice after rounding', 'fewer steps');
  }
  const column = columnOf(path, range.as, dimension);
  return {
    factor: { path, column, dimension, levels, at: (share) => level(between(share)) },
    problems: [],
  };
}

/** Memory is a whole number of pages; rounding to them moves no size from 1 MiB on by more than 0.2 %. */
function countsPages(bytes: number): boolean {
  return bytes >= 256 * pageBytes && bytes % pageBytes === 0;
}

function levelOf(value: number, dimension: Dimension | null, whole: boolean): SweepLevel {
  if (dimension === null) {
    const number = whole ? Math.round(value) : value;
    return { value: number, cell: number };
  }
  // Everything but shares counts whole base units.
  const base = dimension === 'share' ? value : Math.round(value);
  return { value: formatQuantity(base, dimension), cell: base / columnUnits[dimension].size };
}

const allDimensions: readonly Dimension[] = ['time', 'size', 'rate', 'page-rate', 'share', 'pages'];

/** The dimension in which all values are quantities; null when they are words, plain numbers or of several kinds. */
function commonDimension(values: readonly unknown[]): Dimension | null {
  const fits = (dimension: Dimension): boolean =>
    values.every((value) => typeof value === 'string' && parseQuantity(value, dimension).ok);
  return allDimensions.find(fits) ?? null;
}

function numberOf(value: unknown, dimension: Dimension | null): number | null {
  if (dimension === null) return typeof value === 'number' && Number.isFinite(value) ? value : null;
  const parsed = parseQuantity(String(value), dimension);
  return parsed.ok ? parsed.value : null;
}

function cellOf(value: unknown, dimension: Dimension | null): string | number {
  const number = numberOf(value, dimension);
  if (number !== null) return dimension === null ? number : number / columnUnits[dimension].size;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The unit in which a column holds quantities, as a number of base units. */
export const columnUnits: Readonly<
  Record<Dimension, { readonly suffix: string; readonly unit: string; readonly size: number }>
> = {
  time: { suffix: '_ms', unit: 'ms', size: 1e6 },
  size: { suffix: '_bytes', unit: 'bytes', size: 1 },
  rate: { suffix: '_bps', unit: 'bit/s', size: 1 },
  pages: { suffix: '_pages', unit: 'pages', size: 1 },
  'page-rate': { suffix: '_pages_per_s', unit: 'pages/s', size: 1 },
  share: { suffix: '_ratio', unit: 'ratio', size: 1 },
};

const allowedValues = 'a list of values, or { from, to, steps, scale: linear or log }';

function failed(path: FieldPath, message: string, allowed: string): ReturnType<typeof readFactor> {
  return { factor: null, problems: [{ path, atKey: false, message, allowed }] };
}

function refused(
  issues: readonly z.core.$ZodIssue[],
  written: unknown,
  place: FieldPath,
): ReturnType<typeof readFactor> {
  const problems = fileProblems(issues, written);
  return {
    factor: null,
    problems: problems.map((problem) => ({ ...problem, path: [...place, ...problem.path] })),
  };
}
