import { ScenarioError } from '../../sim/assert.ts';
import { boxPlot } from './box-plot.ts';
import { distributionPlot } from './distribution-plot.ts';
import { heatMap } from './heat-map.ts';
import { linePlot } from './line-plot.ts';
import { columnAt, groupsBy } from './plot-rows.ts';
import type { PlotRows } from './plot-rows.ts';
import { seriesMax } from './series-style.ts';

/** What is drawn of a table. */
export interface FigureRequest {
  readonly title: string;
  /** Column of the horizontal axis; distributions have none. */
  readonly x: string;
  /** The measure. */
  readonly y: string;
  /** Column whose values are lines, or the rows of a heat map; null for one series. */
  readonly by: string | null;
  readonly logX: boolean;
  readonly logY: boolean;
  readonly widthPx: number;
}

export const plotKinds = ['lines', 'cdf', 'box', 'heatmap'] as const;
export type PlotKind = (typeof plotKinds)[number];

/** A figure of the columns of a table, as SVG text: the same rows, the same bytes. */
export function plotFigure(kind: PlotKind, table: PlotRows, request: FigureRequest): string {
  refuseTooMany(kind, table, request);
  switch (kind) {
    case 'lines':
      return linePlot(table, request);
    case 'cdf':
      return distributionPlot(table, request);
    case 'box':
      return boxPlot(table, request);
    case 'heatmap':
      return heatMap(table, request);
  }
}

/** Boxes and cells get too narrow for their labels, lines too many to be told apart. */
function refuseTooMany(kind: PlotKind, table: PlotRows, { x, y, by, logX, logY }: FigureRequest): void {
  const least = (column: string): number =>
    Math.min(...table.rows.map((row) => Number(row[columnAt(table, column)] ?? Infinity)));
  const refuse = (message: string, allowed: string): never => {
    throw new ScenarioError([{ place: `${table.name}.csv`, message, allowed }]);
  };
  if (table.rows.length === 0) refuse('has no rows', 'a table with rows');
  if (by !== null && kind !== 'heatmap' && groupsBy(table, by).size > seriesMax)
    refuse(`${by} has ${groupsBy(table, by).size} values`, `--by a column of at most ${seriesMax}`);
  if ((kind === 'box' || kind === 'heatmap') && groupsBy(table, x).size > categoriesMax)
    refuse(`${x} has ${groupsBy(table, x).size} values`, `--x a column of at most ${categoriesMax}`);
  if (kind === 'heatmap' && by === null) refuse('a heat map has rows', '--by COLUMN');
  const logged = kind === 'cdf' ? logX && y : logY && y;
  if (logged !== false && least(logged) <= 0)
    refuse(`${logged} holds values that have no logarithm`, 'an axis without --log');
}

const categoriesMax = 24;
