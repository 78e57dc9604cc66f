import { expect, test } from 'vitest';
import type { Cell } from '../data-table.ts';
import { withEmptyIntervals } from './empty-intervals.ts';
import type { PlotRows } from './plot-rows.ts';

function series(columns: readonly string[], rows: readonly (readonly Cell[])[]): PlotRows {
  const kind = (name: string) => (name === 'workload' ? ('text' as const) : ('number' as const));
  return {
    name: 'series',
    columns: columns.map((name) => ({ name, kind: kind(name), unit: '', role: null })),
    rows,
  };
}

test('intervals that a series leaves out are counts of zero, for each workload', () => {
  const full = withEmptyIntervals(
    series(
      ['start_ms', 'length_ms', 'workload', 'bytes'],
      [
        [20, 10, 'web', 7],
        [30, 10, 'dns', 1],
        [50, 10, 'web', 9],
      ],
    ),
  );
  expect(full.rows).toEqual([
    [20, 10, 'web', 7],
    [30, 10, 'web', 0],
    [40, 10, 'web', 0],
    [50, 10, 'web', 9],
    [20, 10, 'dns', 0],
    [30, 10, 'dns', 1],
    [40, 10, 'dns', 0],
    [50, 10, 'dns', 0],
  ]);
});

test('a table without intervals, or with broken ones, is left alone', () => {
  for (const table of [
    series(['start_ms', 'bytes'], [[0, 1]]),
    series(['start_ms', 'length_ms'], []),
    series(
      ['start_ms', 'length_ms'],
      [
        [0, 0],
        [10, 0],
      ],
    ),
  ])
    expect(withEmptyIntervals(table)).toBe(table);
});
