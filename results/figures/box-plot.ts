import * as Plot from '@observablehq/plot';
import { linearAxis, logAxis } from './figure-axis.ts';
import { frameFigure, frameOptions } from './figure-frame.ts';
import { colour } from './figure-theme.ts';
import { categoryLabel, columnLabel, groupsBy, leftOut, numbersOf, numericColumnAt } from './plot-rows.ts';
import type { PlotRows } from './plot-rows.ts';
import type { FigureRequest } from './plot-figure.ts';

/** A box for each value of a column: quartiles, whiskers to the last value within 1.5 boxes, the rest as points. SVG text. */
export function boxPlot(table: PlotRows, request: FigureRequest): string {
  const { x, y } = request;
  const at = numericColumnAt(table, y);
  const groups = [...groupsBy(table, x)];
  const values = groups.flatMap(([group, rows]) => numbersOf(rows, at).map((value) => ({ group, value })));
  const note = `box: quartiles; whiskers: the last values within 1.5 times its height; points: beyond${leftOut(table, at)}`;
  const yAxis = request.logY
    ? logAxis(
        'y',
        columnLabel(y),
        values.map(({ value }) => value),
      )
    : linearAxis(columnLabel(y), { zero: false, ticks: 5 });
  return frameFigure({ title: request.title, widthPx: request.widthPx, legend: [], note }, (size) => ({
    ...frameOptions(size),
    x: {
      ...{ label: columnLabel(x), type: 'band', domain: groups.map(([group]) => group) },
      tickFormat: categoryLabel(table, x),
    },
    y: { ...yAxis.scale, grid: true },
    marks: [
      ...yAxis.marks,
      Plot.boxY(values, {
        x: 'group',
        y: 'value',
        fill: colour.skyBlue,
        stroke: colour.ink,
        strokeWidth: 0.8,
        r: 1.6,
        insetLeft: 4,
        insetRight: 4,
      }),
    ],
  }));
}
