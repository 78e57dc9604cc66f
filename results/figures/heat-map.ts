import * as Plot from '@observablehq/plot';
import { extent, mean } from 'd3-array';
import { frameFigure, frameOptions } from './figure-frame.ts';
import { shownNumber } from './figure-number.ts';
import { colour } from './figure-theme.ts';
import {
  categoryLabel,
  columnAt,
  columnLabel,
  groupsBy,
  leftOut,
  numbersOf,
  numericColumnAt,
} from './plot-rows.ts';
import type { PlotRows } from './plot-rows.ts';
import type { FigureRequest } from './plot-figure.ts';

/** The mean of a measure for each pair of values of two columns, written in each cell: shades alone mislead. SVG text. */
export function heatMap(table: PlotRows, request: FigureRequest): string {
  const { x, y } = request;
  const by = request.by ?? y;
  const at = numericColumnAt(table, y);
  const cells = [...groupsBy(table, x)].flatMap(([column, some]) =>
    [...groupsBy({ ...table, rows: some }, by)].flatMap(([row, rows]) => {
      const value = mean(numbersOf(rows, at));
      return value === undefined ? [] : [{ column, row, value }];
    }),
  );
  const [least = 0, most = 1] = extent(cells, ({ value }) => value);
  const note = `means of ${columnLabel(y)}; light: ${shownNumber(least)}, dark: ${shownNumber(most)}${leftOut(table, at)}`;
  return frameFigure({ title: request.title, widthPx: request.widthPx, legend: [], note }, (size) => ({
    ...frameOptions(size),
    marginLeft: 80,
    x: {
      label: columnLabel(x),
      type: 'band',
      domain: ordered(table, x),
      tickFormat: categoryLabel(table, x),
    },
    y: {
      label: columnLabel(by),
      type: 'band',
      domain: ordered(table, by).reverse(),
      tickFormat: categoryLabel(table, by),
    },
    color: { type: request.logY ? 'log' : 'linear', scheme: 'cividis', reverse: true, domain: [least, most] },
    marks: [
      Plot.cell(cells, { x: 'column', y: 'row', fill: 'value', inset: 0.5 }),
      Plot.text(cells, {
        ...{ x: 'column', y: 'row', text: ({ value }: { value: number }) => shownNumber(value) },
        fill: ({ value }: { value: number }) =>
          value - least > 0.55 * (most - least) ? 'white' : colour.ink,
      }),
    ],
  }));
}

/** The values of a column, numbers by size and texts as they come. */
function ordered(table: PlotRows, column: string): string[] {
  const values = [...groupsBy(table, column).keys()];
  if (table.columns[columnAt(table, column)]?.kind === 'text') return values;
  return values.sort((a, b) => Number(a) - Number(b));
}
