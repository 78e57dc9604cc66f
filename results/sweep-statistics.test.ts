import { describe, expect, test } from 'vitest';
import type { Cell } from './data-table.ts';
import { effectStatistics, pairedStatistics, sweepStatistics } from './sweep-statistics.ts';
import type { ColumnNote } from './sweep-files.ts';
import type { SweepRows } from './sweep-rows.ts';
import { formatTable } from './table-format.ts';

const first = [3.1, 4.7, 2.2, 9.8, 5.0, 4.4, 3.9];
const second = [2.9, 4.1, 2.5, 8.8, 4.1, 4.6, 3.0];

const note = (column: string, role: ColumnNote['role'], kind: ColumnNote['kind'], unit = ''): ColumnNote => ({
  ...{ column, role, kind, unit, meaning: '', source: '' },
});

/** Two schemes under the same seven repetitions. */
const rows: SweepRows = {
  columns: ['rep', 'scheme', 'seed', 'gap_ms', 'clean'],
  notes: [
    note('rep', 'identity', 'number'),
    note('scheme', 'factor', 'text'),
    note('seed', 'identity', 'number'),
    note('gap_ms', 'measure', 'number', 'ms'),
    note('clean', 'measure', 'share', 'ratio'),
  ],
  rows: [
    ...first.map((gap, rep): Cell[] => [rep, 'com', 1, gap, 0]),
    // In another order: pairs are found by their repetition.
    ...second.map((gap, rep): Cell[] => [rep, 'stock', 1, gap, rep % 2]).reverse(),
  ],
  warnings: [],
};
const request = { by: ['scheme'], measures: ['gap_ms', 'clean'], confidence: 0.95 };

const cell = (
  table: { columns: readonly string[]; rows: readonly (readonly Cell[])[] },
  row: number,
  column: string,
): Cell => table.rows[row]?.[table.columns.indexOf(column)] ?? null;

describe('the statistics of a sweep', () => {
  const { table, warnings } = sweepStatistics(rows, request);

  test('give each group its mean with the interval that fits the measure', () => {
    expect(table.rows.map((row) => row.slice(0, 4))).toEqual([
      ['com', 'gap_ms', 'ms', 7],
      ['com', 'clean', 'ratio', 7],
      ['stock', 'gap_ms', 'ms', 7],
      ['stock', 'clean', 'ratio', 7],
    ]);
    expect(cell(table, 0, 'mean_low')).toBeCloseTo(2.47470742194, 10);
    expect(cell(table, 0, 'interval')).toBe('t');
    expect(cell(table, 1, 'interval')).toBe('Wilson');
    // None of seven: 1 − 0.05^(1/7) = 0.3482.
    expect(cell(table, 1, 'bound_if_none')).toBeCloseTo(0.3482, 4);
    expect(cell(table, 0, 'median')).toBe(4.4);
  });

  test('warn of few runs, and use the bootstrap for the mean of what is skewed', () => {
    expect(warnings.some((text) => text.includes('fewer than 10'))).toBe(true);
    const tail = Array.from({ length: 40 }, (_, rep): Cell[] => [rep, 'com', 1, rep === 0 ? 1000 : 1, 0]);
    const skewed = sweepStatistics({ ...rows, rows: tail }, request);
    expect(cell(skewed.table, 0, 'interval')).toBe('bootstrap');
    expect(skewed.warnings.some((text) => text.includes('skewed'))).toBe(true);
  });

  test('warn of heavy tails, where one run makes most of the variance, and of no others', () => {
    const warned = (values: readonly number[]): boolean => {
      const alike = { ...rows, rows: values.map((gap, rep): Cell[] => [rep, 'com', 1, gap, 0]) };
      return sweepStatistics(alike, request).warnings.some((text) => text.includes('heavy tails'));
    };
    // Of 1, 2, …, 20 around 10.5 the variance is 665 / 20; the largest deviation makes 9.5² = 90.25 of the 665.
    const even = Array.from({ length: 20 }, (_, index) => index + 1);
    expect(warned(even)).toBe(false);
    // With 100 in place of 20 the mean is 14.5, the sum of squares 8265, and (100 − 14.5)² = 7310 of it is that run's.
    expect(warned(even.with(19, 100))).toBe(true);
    expect(warned(Array.from({ length: 20 }, () => 5))).toBe(false);
  });

  test('pair runs of the same draws, with what that has bought', () => {
    const paired = pairedStatistics(rows, request, { factor: 'scheme', first: 'com', second: 'stock' });
    expect(cell(paired.table, 0, 'pairs')).toBe(7);
    expect(cell(paired.table, 0, 'difference')).toBeCloseTo(0.442857142857, 10);
    expect(cell(paired.table, 0, 'low')).toBeCloseTo(-0.0604752132074, 10);
    expect(cell(paired.table, 0, 'high')).toBeCloseTo(0.946189498922, 10);
    expect(cell(paired.table, 0, 'correlation')).toBeCloseTo(0.980380210589, 10);
    expect(cell(paired.table, 0, 'variance_reduction')).toBeCloseTo(35.4180064309, 8);
    expect(paired.warnings).toEqual([
      'pairing did not help with clean in some groups: its runs are as good as independent',
    ]);
  });

  test('say which share of the variance a factor explains', () => {
    // Means 0 and 3/7 of seven zeros, and of four zeros and three ones: between 14 (3/14)² = 9/14, in all
    // 3 (11/14)² + 11 (3/14)² = 33/14, so 9/33.
    const effects = effectStatistics(rows, request);
    expect(cell(effects.table, 1, 'share_of_variance')).toBeCloseTo(9 / 33, 12);
    expect(cell(effects.table, 1, 'at_most')).toBe('stock');
  });

  test('refuse columns that are not there, with what was meant', () => {
    expect(() => sweepStatistics(rows, { ...request, measures: ['gap_m'] })).toThrow(/did you mean "gap_ms"/);
  });
});

describe('a table', () => {
  const table = {
    name: 't',
    columns: ['name', 'x_ms'],
    rows: [
      ['a|b_c', 1234.25],
      ['d', null],
    ],
  };

  test('is printed in each format', () => {
    expect(formatTable(table, 'table')).toBe('name   x_ms\na|b_c  1234\nd         –');
    expect(formatTable(table, 'csv')).toBe('name,x_ms\na|b_c,1234.25\nd,');
    expect(formatTable(table, 'json')).toBe('[{"name":"a|b_c","x_ms":1234.25},{"name":"d","x_ms":null}]');
    expect(formatTable(table, 'md')).toBe('| name | x_ms |\n| :-- | --: |\n| a\\|b_c | 1234 |\n| d | – |');
    expect(formatTable(table, 'latex')).toContain('a|b\\_c & 1234 \\\\\nd & -- \\\\\n\\bottomrule');
  });
});
