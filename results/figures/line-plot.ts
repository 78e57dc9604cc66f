import * as Plot from '@observablehq/plot';
import { mean } from 'd3-array';
import { meanInterval, wilsonInterval } from '../intervals.ts';
import type { ConfidenceInterval } from '../intervals.ts';
import { colour } from './figure-theme.ts';
import { valueAxis } from './figure-axis.ts';
import { withEmptyIntervals } from './empty-intervals.ts';
import { frameFigure, frameOptions, plotWidthPx } from './figure-frame.ts';
import { axisNumber, shownNumber } from './figure-number.ts';
import { envelope, stretchOf } from './line-envelope.ts';
import type { Sample, Stretch } from './line-envelope.ts';
import { columnAt, columnLabel, groupsBy, leftOut, numbersOf, numericColumnAt } from './plot-rows.ts';
import type { PlotRows } from './plot-rows.ts';
import type { FigureRequest } from './plot-figure.ts';
import { markedPoints } from './marked-points.ts';
import { seriesStyle } from './series-style.ts';
import type { SeriesStyle } from './series-style.ts';

interface Point {
  readonly x: number | string;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

const confidence = 0.95;

/**
 * The mean of a measure against a column, a line for each series, with the 95 % interval of each mean. A line with
 * more points than the figure has pixels goes through the means of stretches, with a band from the least to the
 * greatest value of each. SVG text.
 */
export function linePlot(table: PlotRows, request: FigureRequest): string {
  const { x, y, by } = request;
  const numeric = table.columns[columnAt(table, x)]?.kind !== 'text';
  const full = withEmptyIntervals(table);
  const groups = [...groupsBy(full, by)].map(([label, rows]) => ({ label, table: { ...full, rows } }));
  const samples = groups.map((group) => (numeric ? samplesOf(group.table, request) : []));
  const stretch = stretchOf(samples, plotWidthPx(request.widthPx), request.logX);
  const series = groups.map((group, index) => ({
    label: group.label,
    style: seriesStyle(index),
    points: stretch === null ? pointsOf(group.table, request, numeric) : envelope(samples[index]!, stretch),
  }));
  const legend =
    by === null ? [] : series.map(({ label, style }) => ({ label, fill: style.stroke, line: style }));
  const points = series.flatMap((each) => each.points);
  const note = `${says(points, stretch, request)}${leftOut(table, numericColumnAt(table, y))}`;
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
        ...(stretch === null ? intervals(points, style) : [band(points, style)]),
        Plot.line(points, {
          x: 'x',
          y: 'y',
          stroke: style.stroke,
          strokeDasharray: style.dash,
          strokeWidth: stretch === null ? 1.4 : 1,
        }),
        // A single line needs no symbol to be told from others, and a long one hides under it.
        Plot.text(stretch !== null && by === null ? [] : markedPoints(points), {
          ...{ x: 'x', y: 'y', text: () => style.symbol, fill: style.stroke, fontSize: 8 },
        }),
      ]),
    ],
  }));
}

/** What line, interval and band are. */
function says(points: readonly Point[], stretch: Stretch | null, { x, y }: FigureRequest): string {
  if (stretch === null)
    return points.some(isWide) ? `means of ${columnLabel(y)} with their 95 % intervals` : columnLabel(y);
  const [name = '', unit = ''] = columnLabel(x).split(/ \(|\)/);
  const part =
    stretch.kind === 'length'
      ? `${axisNumber(stretch.size)}${unit === '' ? '' : ` ${unit}`}`
      : `factor ${shownNumber(stretch.size)}`;
  return `line: means of ${columnLabel(y)} over each ${part} of ${name}; band: the least and the greatest value there`;
}

/** The interval of each mean, with ends. */
function intervals(points: readonly Point[], { stroke }: SeriesStyle): Plot.Markish[] {
  const wide = points.filter(isWide);
  return [
    Plot.ruleX(wide, { x: 'x', y1: 'low', y2: 'high', stroke, strokeWidth: 0.8 }),
    ...['low', 'high'].map((end) =>
      Plot.text(wide, { x: 'x', y: end, text: () => '–', fill: stroke, fontSize: 8 }),
    ),
  ];
}

function band(points: readonly Point[], { stroke }: SeriesStyle): Plot.Markish {
  return Plot.areaY(points, { x: 'x', y1: 'low', y2: 'high', fill: stroke, fillOpacity: 0.25 });
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

/** Each row of a line by itself; those without a value are left out. */
function samplesOf(table: PlotRows, { x, y }: FigureRequest): Sample[] {
  const [xAt, yAt] = [columnAt(table, x), numericColumnAt(table, y)];
  return table.rows.flatMap((row) => {
    const [place, value] = [row[xAt], row[yAt]];
    return typeof place === 'number' && typeof value === 'number' ? [{ x: place, y: value }] : [];
  });
}

function intervalOf(values: readonly number[], kind: string): ConfidenceInterval | null {
  if (kind !== 'share') return meanInterval(values, confidence);
  return wilsonInterval(
    values.reduce((sum, value) => sum + value, 0),
    values.length,
    confidence,
  );
}
