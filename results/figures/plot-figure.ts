import { ScenarioError } from '../../sim/assert.ts';
import { boxPlot } from './box-plot.ts';
import { distributionPlot } from './distribution-plot.ts';
import { heatMap } from './heat-map.ts';
import { linePlot } from './line-plot.ts';
import { groupsBy, numbersOf, numericColumnAt } from './plot-rows.ts';
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
  refuseUndrawable(kind, table, request);
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

/** Nothing to draw; no logarithm; boxes and cells too narrow for their labels, lines too many to be told apart. */
function refuseUndrawable(kind: PlotKind, table: PlotRows, { x, y, by, logX, logY }: FigureRequest): void {
  const refuse = (message: string, allowed: string): never => {
    throw new ScenarioError([{ place: `${table.name}.csv`, message, allowed }]);
  };
  const atMost = (column: string, most: number, option: string): void => {
    const { size } = groupsBy(table, column);
    if (size > most) refuse(`${column} has ${size} values`, `${option} a column of at most ${most}`);
  };
  if (table.rows.length === 0) refuse('has no rows', 'a table with rows');
  const values = numbersOf(table.rows, numericColumnAt(table, y));
  if (values.length === 0)
    refuse(
      `${y} is empty in all ${table.rows.length} rows`,
      'a column with values; times are empty where no migration completed',
    );
  if (by !== null && kind !== 'heatmap') atMost(by, seriesMax, '--by');
  if (kind === 'box' || kind === 'heatmap') atMost(x, categoriesMax, '--x');
  if (kind === 'heatmap' && by === null) refuse('a heat map has rows', '--by COLUMN');
  const logged = [
    ...((kind === 'cdf' ? logX : logY) ? [{ column: y, found: values }] : []),
    ...(kind === 'lines' && logX
      ? [{ column: x, found: numbersOf(table.rows, numericColumnAt(table, x)) }]
      : []),
  ];
  for (const { column, found } of logged)
    if (found.some((value) => value <= 0))
      refuse(`${column} holds values that have no logarithm`, 'an axis without --log');
}

const categoriesMax = 24;
