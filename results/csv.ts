import { csvFormatRow } from 'd3-dsv';
import type { Cell, DataTable } from './data-table.ts';

/** RFC 4180 text with LF line ends, full precision, an empty cell for null. The first row names the columns. */
export function csv({ columns, rows }: DataTable): string {
  return `${[csvFormatRow([...columns]), ...rows.map(csvLine)].join('\n')}\n`;
}

/** One row of it, without the line end. */
export function csvLine(row: readonly Cell[]): string {
  return csvFormatRow(row.map((cell) => (cell === null ? '' : String(cell))));
}
