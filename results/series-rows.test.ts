import { expect, test } from 'vitest';
import { seconds } from '../sim/time.ts';
import { SeriesRows, seriesBinNs } from './series-rows.ts';

test('counts fall into the interval that their time begins in, and empty intervals take no row', () => {
  const series = new SeriesRows(10);
  series.add(39, 'delivered_to_vm', 1);
  series.add(9, 'delivered_to_vm', 1);
  series.add(0, 'delivered_to_vm', 1);
  series.add(10, 'probes_lost', 2);
  const rows = series
    .rows()
    .map(({ startNs, counts }) => [startNs, counts.delivered_to_vm, counts.probes_lost]);
  expect(rows).toEqual([
    [0, 2, 0],
    [10, 0, 2],
    [30, 1, 0],
  ]);
});

test('a run of 2,000 s is cut into 10 ms, a longer one ten times coarser', () => {
  expect(seriesBinNs(seconds(2000))).toBe(10_000_000);
  expect(seriesBinNs(seconds(2000) + 1)).toBe(100_000_000);
});
