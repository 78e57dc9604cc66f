import * as Plot from '@observablehq/plot';
import { mean } from 'd3-array';
import { meanInterval, wilsonInterval } from '../intervals.ts';
import type { ConfidenceInterval } from '../intervals.ts';
import { colour } from './figure-theme.ts';
import { valueAxis } from './figure-axis.ts';
import { frameFigure, frameOptions } from './figure-frame.ts';
import { columnAt, columnLabel, groupsBy, leftOut, numbersOf, numericColumnAt } from './plot-rows.ts';
import type { PlotRows } from './plot-rows.ts';
import type { FigureRequest } from './plot-figure.ts';
import { markedPoints } from './marked-points.ts';
import { seriesStyle } from './series-style.ts';

interface Point {
  readonly x: number | string;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

const confidence = 0.95;

/** The mean of a measure against a column, a line for each series, with the 95 % interval of each mean. SVG text. */
export function linePlot(table: PlotRows, request: FigureRequest): string {
  const { x, y, by } = request;
  const numeric = table.columns[columnAt(table, x)]?.kind !== 'text';
  const series = [...groupsBy(table, by)].map(([label, rows], index) => ({
    label,
    style: seriesStyle(index),
    points: pointsOf({ ...table, rows }, request, numeric),
  }));
  const legend =
    by === null ? [] : series.map(({ label, style }) => ({ label, fill: style.stroke, line: style }));
  const points = series.flatMap((each) => each.points);
  const spread = points.some(isWide)
    ? `means of ${columnLabel(y)} with their 95 % intervals`
    : columnLabel(y);
  const note = `${spread}${leftOut(table, numericColumnAt(table, y))}`;
  const xAxis = valueAxis('x', columnLabel(x), request.logX ? points.map((point) => Number(point.x)) : null);
  const yAxis = valueAxis(
    'y',
    columnLabel(y),
    request.logY ? points.flatMap(({ low, high, y: middle }) => [low > 0 ? low : middle, high]) : null,
  );
  return frameFigure({ title: request.title, widthPx: request.widthPx, legend, note }, (size) => ({
    ...frameOptions(size),
    x: numeric ? xAxis.scale : { label: columnLabel(x), type: 'point' },
    y: { ...yAxis.scale, grid: true },
    marks: [
      ...(numeric ? xAxis.marks : []),
      ...yAxis.marks,
      ...(request.logY ? [] : [Plot.ruleY([0], { stroke: colour.faint, strokeWidth: 0.5 })]),
      ...series.flatMap(({ points, style }) => [
        Plot.ruleX(points.filter(isWide), {
          x: 'x',
          y1: 'low',
          y2: 'high',
          stroke: style.stroke,
          strokeWidth: 0.8,
        }),
        ...['low', 'high'].map((end) =>
          Plot.text(points.filter(isWide), {
            x: 'x',
            y: end,
            text: () => '–',
            fill: style.stroke,
            fontSize: 8,
          }),
        ),
        Plot.line(points, {
          x: 'x',
          y: 'y',
          stroke: style.stroke,
          strokeDasharray: style.dash,
          strokeWidth: 1.4,
        }),
        Plot.text(markedPoints(points), {
          ...{ x: 'x', y: 'y', text: () => style.symbol, fill: style.stroke, fontSize: 8 },
        }),
      ]),
    ],
  }));
}

/** Whether there is an interval to be seen: a single value has none. */
function isWide({ low, high }: Point): boolean {
  return low < high;
}

/** A point for each value of x, in order. */
function pointsOf(table: PlotRows, { x, y }: FigureRequest, numeric: boolean): Point[] {
  const at = numericColumnAt(table, y);
  const kind = table.columns[at]?.kind ?? 'number';
  const points = [...groupsBy(table, x)].flatMap(([key, rows]): Point[] => {
    const values = numbersOf(rows, at);
    const middle = mean(values);
    if (middle === undefined || (numeric && key === '')) return [];
    const { low, high } = intervalOf(values, kind) ?? { low: middle, high: middle };
    return [{ x: numeric ? Number(key) : key, y: middle, low, high }];
  });
  return numeric ? points.sort((a, b) => Number(a.x) - Number(b.x)) : points;
}

function intervalOf(values: readonly number[], kind: string): ConfidenceInterval | null {
  if (kind !== 'share') return meanInterval(values, confidence);
  return wilsonInterval(
    values.reduce((sum, value) => sum + value, 0),
    values.length,
    confidence,
  );
}
