import { deviation, mean, variance } from 'd3-array';
import { ScenarioError } from '../sim/assert.ts';
import type { Problem } from '../sim/assert.ts';
import { suggestion } from '../scenarios/did-you-mean.ts';
import type { Cell, DataTable } from './data-table.ts';
import { dataTable } from './data-table.ts';
import {
  quantileInterval,
  bootstrapMeanInterval,
  meanInterval,
  wilsonInterval,
  zeroEventsBound,
} from './intervals.ts';
import type { ConfidenceInterval } from './intervals.ts';
import { quantiles } from './statistics.ts';
import type { ColumnNote } from './sweep-files.ts';
import type { SweepRows } from './sweep-rows.ts';

export interface StatisticsRequest {
  readonly by: readonly string[];
  readonly measures: readonly string[];
  readonly confidence: number;
}

export interface Statistics {
  readonly table: DataTable;
  /** What a reader of the numbers should know. */
  readonly warnings: readonly string[];
}

/** For each group of runs and each measure: how many, the mean and the median with their intervals, p99. */
export function sweepStatistics(rows: SweepRows, request: StatisticsRequest): Statistics {
  checkColumns(rows, [...request.by, ...request.measures]);
  const warnings = new Set<string>();
  const table: Cell[][] = [];
  for (const [group, members] of groupRows(rows, request.by)) {
    for (const measure of request.measures) {
      const note = rows.notes.find(({ column }) => column === measure)!;
      const values = numbers(rows, members, measure);
      if (values.length < members.length) {
        warnings.add(`${measure} is empty in some runs, as times are where a migration did not complete`);
      }
      table.push([...group, measure, note.unit, ...describe(values, note, request.confidence, warnings)]);
    }
  }
  const columns = [...request.by, 'measure', 'unit', ...describedAs];
  return { table: dataTable('statistics', columns, table), warnings: [...warnings] };
}

const describedAs = [
  ...['n', 'mean', 'mean_low', 'mean_high', 'interval'],
  ...['median', 'median_low', 'median_high', 'p99', 'standard_deviation', 'bound_if_none'],
];

function describe(
  values: readonly number[],
  { kind, column }: ColumnNote,
  confidence: number,
  warnings: Set<string>,
): Cell[] {
  const { interval, method } = intervalOf(values, kind, confidence);
  const [median, p99] = quantiles(values, [0.5, 0.99]);
  const around = quantileInterval(values, 0.5, confidence);
  const none =
    (kind === 'count' || kind === 'share') && values.length > 0 && values.every((value) => value === 0);
  if (values.length > 0 && values.length < fewRuns) {
    warnings.add(
      `fewer than ${fewRuns} runs in some groups: their intervals are rough, and p99 is the largest value`,
    );
  }
  if (method === 'bootstrap') {
    warnings.add(
      `${column} is skewed in some groups: the interval of its mean is by bootstrap, not Student's t`,
    );
  }
  if (values.length >= fewRuns && largestShareOfVariance(values) > 0.5) {
    warnings.add(
      `${column} has heavy tails in some groups: one run makes most of its variance, and more runs may move the mean far`,
    );
  }
  return [
    ...[
      values.length,
      mean(values) ?? null,
      interval?.low ?? null,
      interval?.high ?? null,
      interval === null ? null : method,
    ],
    ...[median ?? null, around?.low ?? null, around?.high ?? null, p99 ?? null, deviation(values) ?? null],
    // Of what has never happened, how often it may happen all the same.
    none ? zeroEventsBound(values.length, confidence) : null,
  ];
}

const fewRuns = 10;
/** From here on a mean is normal enough for Student's t, however skewed its values are. */
const manyRuns = 5000;

function intervalOf(
  values: readonly number[],
  kind: ColumnNote['kind'],
  confidence: number,
): { interval: ConfidenceInterval | null; method: string } {
  if (kind === 'share') {
    const hits = values.reduce((sum, value) => sum + value, 0);
    return { interval: wilsonInterval(hits, values.length, confidence), method: 'Wilson' };
  }
  if (values.length >= fewRuns && values.length < manyRuns && Math.abs(skewness(values)) > skewMax) {
    return { interval: bootstrapMeanInterval(values, confidence), method: 'bootstrap' };
  }
  return { interval: meanInterval(values, confidence), method: 't' };
}

/** Above this the t interval of a mean of a few dozen values covers too little (an exponential has 2). */
const skewMax = 1.5;

/** Third standardized moment; 0 for values that are all the same. */
function skewness(values: readonly number[]): number {
  const middle = mean(values) ?? 0;
  const second = mean(values, (value) => (value - middle) ** 2) ?? 0;
  const third = mean(values, (value) => (value - middle) ** 3) ?? 0;
  return second === 0 ? 0 : third / second ** 1.5;
}

/** The share of the sum of squared deviations that is the farthest value's; 0 for values that are all the same. */
function largestShareOfVariance(values: readonly number[]): number {
  const middle = mean(values) ?? 0;
  const squares = values.map((value) => (value - middle) ** 2);
  const whole = squares.reduce((sum, square) => sum + square, 0);
  return whole === 0 ? 0 : squares.reduce((a, b) => Math.max(a, b), 0) / whole;
}

/** Two levels of a factor, of which the second is subtracted from the first. */
export interface Pairing {
  readonly factor: string;
  readonly first: string;
  readonly second: string;
}

/**
 * Differences of runs that saw the same draws: for each group and measure the mean difference with its interval,
 * the correlation of the pairs, and how many times more runs the same interval would take without pairing.
 */
export function pairedStatistics(rows: SweepRows, request: StatisticsRequest, pairing: Pairing): Statistics {
  checkColumns(rows, [...request.by, ...request.measures, pairing.factor]);
  const warnings = new Set<string>();
  const by = request.by.filter((column) => column !== pairing.factor);
  const others = rows.notes
    .filter(({ role, column }) => role === 'factor' && column !== pairing.factor)
    .map(({ column }) => column);
  const keyOf = [...others, 'seed', 'rep'].map((column) => rows.columns.indexOf(column));
  const side = rows.columns.indexOf(pairing.factor);
  const table: Cell[][] = [];
  for (const [group, members] of groupRows(rows, by)) {
    const index = (level: string): Map<string, number> =>
      new Map(
        members
          .filter((row) => String(rows.rows[row]![side]) === level)
          .map((row) => [JSON.stringify(keyOf.map((column) => rows.rows[row]![column])), row]),
      );
    const [first, second] = [index(pairing.first), index(pairing.second)];
    for (const measure of request.measures) {
      const note = rows.notes.find(({ column }) => column === measure)!;
      const pairs = pairsOf(rows, first, second, measure);
      table.push([
        ...group,
        measure,
        note.unit,
        ...describePairs(pairs, request.confidence, measure, warnings),
      ]);
    }
  }
  if (table.every((row) => row[by.length + 2] === 0)) {
    warnings.add(`no pair of ${pairing.first} and ${pairing.second}: ${pairing.factor} has no such levels`);
  }
  const columns = [...by, 'measure', 'unit', ...pairedAs];
  return { table: dataTable('paired', columns, table), warnings: [...warnings] };
}

const pairedAs = [
  'pairs',
  'difference',
  'low',
  'high',
  'share_of_second',
  'correlation',
  'variance_reduction',
];

type Pair = readonly [first: number, second: number];

function pairsOf(
  { rows, columns }: SweepRows,
  first: ReadonlyMap<string, number>,
  second: ReadonlyMap<string, number>,
  measure: string,
): Pair[] {
  const column = columns.indexOf(measure);
  return [...first].flatMap(([key, row]): Pair[] => {
    const other = second.get(key);
    const a = rows[row]![column];
    const b = other === undefined ? null : rows[other]![column];
    return typeof a === 'number' && typeof b === 'number' ? [[a, b]] : [];
  });
}

function describePairs(
  pairs: readonly Pair[],
  confidence: number,
  measure: string,
  warnings: Set<string>,
): Cell[] {
  const differences = pairs.map(([a, b]) => a - b);
  const [middle, of] = [mean(differences), mean(pairs, ([, b]) => b)];
  const interval = meanInterval(differences, confidence);
  const spreads = [variance(pairs, ([a]) => a), variance(pairs, ([, b]) => b), variance(differences)];
  const [first = 0, second = 0, paired = 0] = spreads;
  // Var(a − b) = Var a + Var b − 2 Cov: without common random numbers the last term is absent.
  const correlation =
    first > 0 && second > 0 ? (first + second - paired) / (2 * Math.sqrt(first * second)) : null;
  const reduction = paired > 0 ? (first + second) / paired : null;
  if (reduction !== null && reduction < 1.1) {
    warnings.add(`pairing did not help with ${measure} in some groups: its runs are as good as independent`);
  }
  return [
    ...[pairs.length, middle ?? null, interval?.low ?? null, interval?.high ?? null],
    ...[middle !== undefined && of !== undefined && of !== 0 ? middle / of : null, correlation, reduction],
  ];
}

/** For each factor and measure: the span of the means of its levels, and which share of the variance they explain. */
export function effectStatistics(rows: SweepRows, request: StatisticsRequest): Statistics {
  checkColumns(rows, request.measures);
  const factors = rows.notes.filter(({ role }) => role === 'factor').map(({ column }) => column);
  const table = factors.flatMap((factor) =>
    request.measures.map((measure): Cell[] => {
      const unit = rows.notes.find(({ column }) => column === measure)?.unit ?? '';
      const levels = [...groupRows(rows, [factor])]
        .map(([level, members]) => ({ level: level[0] ?? null, values: numbers(rows, members, measure) }))
        .filter(({ values }) => values.length > 0)
        .map(({ level, values }) => ({ level, n: values.length, mean: mean(values) ?? 0, values }));
      const all = levels.flatMap(({ values }) => values);
      const grand = mean(all) ?? 0;
      const whole = all.reduce((sum, value) => sum + (value - grand) ** 2, 0);
      const between = levels.reduce((sum, { n, mean: at }) => sum + n * (at - grand) ** 2, 0);
      const sorted = levels.toSorted((a, b) => a.mean - b.mean);
      const [least, most] = [sorted[0], sorted.at(-1)];
      return [
        ...[factor, measure, unit, levels.length, least?.mean ?? null, String(least?.level ?? '')],
        ...[most?.mean ?? null, String(most?.level ?? ''), whole > 0 ? between / whole : null],
      ];
    }),
  );
  const columns = [
    ...['factor', 'measure', 'unit', 'levels', 'least_mean', 'at', 'most_mean', 'at_most'],
    'share_of_variance',
  ];
  return { table: dataTable('effects', columns, table), warnings: [] };
}

function checkColumns({ notes }: SweepRows, wanted: readonly string[]): void {
  const known = notes.map(({ column }) => column);
  const problems = [...new Set(wanted)]
    .filter((column) => !known.includes(column))
    .map((column): Problem => {
      const allowed = known.join(', ');
      return { place: `column ${column}`, message: `is not there${suggestion(column, known)}`, allowed };
    });
  if (problems.length > 0) throw new ScenarioError(problems);
}

/** Row numbers by the values of some columns, in the order in which they first occur. */
function groupRows({ rows, columns }: SweepRows, by: readonly string[]): Map<readonly Cell[], number[]> {
  const at = by.map((column) => columns.indexOf(column));
  const groups = new Map<string, { cells: readonly Cell[]; members: number[] }>();
  rows.forEach((row, number) => {
    const cells = at.map((column) => row[column] ?? null);
    const key = JSON.stringify(cells);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { cells, members: [number] });
    else group.members.push(number);
  });
  return new Map([...groups.values()].map(({ cells, members }) => [cells, members]));
}

function numbers({ rows, columns }: SweepRows, members: readonly number[], measure: string): number[] {
  const column = columns.indexOf(measure);
  return members.map((row) => rows[row]![column]).filter((value) => typeof value === 'number');
}
