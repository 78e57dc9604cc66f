import { csvParseRows } from 'd3-dsv';
import { readFileSync } from 'node:fs';
import { assert } from '../../sim/assert.ts';
import { dataTable } from '../data-table.ts';
import type { DataTable } from '../data-table.ts';
import { hasCategories } from '../figures/paper-figure.ts';
import type { FigureDesign, FigurePoint } from '../figures/paper-figure.ts';

const whats = ['simulated', 'published', 'measured', 'bound'] as const;
const columns = ['panel', 'series', 'what', 'x', 'y', 'source'] as const;

/** The points of a figure as the rows of its CSV file. */
export function figureTable(id: string, points: readonly FigurePoint[]): DataTable {
  const rows = points.map(({ panel, series, what, x, y, source }) => [panel, series, what, x, y, source]);
  return dataTable(id, columns, rows);
}

/** The points of a figure from the CSV file that {@link figureTable} made. */
export function readFigureTable(file: string, design: FigureDesign): FigurePoint[] {
  const [header, ...lines] = csvParseRows(readFileSync(file, 'utf8'));
  assert(header?.join() === columns.join(), 'a file of a figure’s points has their columns');
  const named = new Set(design.panels.filter(({ form }) => hasCategories(form)).map(({ name }) => name));
  return lines.map(([panel = '', series = '', written = '', x = '', y = '', source = '']) => {
    const what = whats.find((one) => one === written);
    assert(what !== undefined, 'a point says whose it is');
    return { panel, series, what, x: named.has(panel) ? x : Number(x), y: Number(y), source };
  });
}
