import * as Plot from '@observablehq/plot';
import { valueAxis } from './figure-axis.ts';
import { frameFigure, frameOptions } from './figure-frame.ts';
import { axisNumber } from './figure-number.ts';
import { colour } from './figure-theme.ts';
import { columnLabel, groupsBy, leftOut, numbersOf, numericColumnAt } from './plot-rows.ts';
import type { PlotRows } from './plot-rows.ts';
import type { FigureRequest } from './plot-figure.ts';
import { seriesStyle } from './series-style.ts';

/** Steps of a distribution are drawn up to this many; beyond, a thousand evenly spaced ones of them look the same. */
const stepsMax = 1000;

/** The empirical distribution of a column: which share of the values is at most so large. SVG text. */
export function distributionPlot(table: PlotRows, request: FigureRequest): string {
  const { y, by } = request;
  const at = numericColumnAt(table, y);
  const series = [...groupsBy(table, by)].map(([label, rows], index) => ({
    label,
    style: seriesStyle(index),
    steps: stepsOf(numbersOf(rows, at)),
  }));
  const legend =
    by === null
      ? []
      : series.map(({ label, style }) => ({
          label,
          fill: style.stroke,
          line: { symbol: '', dash: style.dash },
        }));
  const values = series.reduce((sum, { steps }) => sum + steps.count, 0);
  const note = `${values} values${leftOut(table, at)}`;
  const xAxis = valueAxis(
    'x',
    columnLabel(y),
    request.logX ? series.flatMap(({ steps }) => steps.points.map(({ x }) => x)) : null,
  );
  return frameFigure({ title: request.title, widthPx: request.widthPx, legend, note }, (size) => ({
    ...frameOptions(size),
    x: xAxis.scale,
    y: {
      label: 'share of values at most so large',
      domain: [0, 1],
      grid: true,
      ticks: 5,
      tickFormat: axisNumber,
    },
    marks: [
      ...xAxis.marks,
      Plot.ruleY([0], { stroke: colour.faint, strokeWidth: 0.5 }),
      ...series.map(({ steps, style }) =>
        Plot.line(steps.points, {
          ...{ x: 'x', y: 'share', curve: 'step-after' },
          stroke: style.stroke,
          strokeDasharray: style.dash,
          strokeWidth: 1.4,
        }),
      ),
    ],
  }));
}

interface Steps {
  readonly count: number;
  readonly points: readonly { readonly x: number; readonly share: number }[];
}

/** Right-continuous: at a value the share includes it. Begins at 0. */
function stepsOf(values: readonly number[]): Steps {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  const points = [...sorted].map((x, index) => ({ x, share: (index + 1) / n }));
  const first = sorted[0];
  const from = first === undefined ? [] : [{ x: first, share: 0 }];
  const thin = Math.max(1, Math.ceil(n / stepsMax));
  return {
    count: n,
    points: [...from, ...points.filter((_, index) => index % thin === 0 || index === n - 1)],
  };
}
