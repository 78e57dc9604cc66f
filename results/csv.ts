import { csvFormatRow } from 'd3-dsv';
import type { DataTable } from './data-table.ts';

/** RFC 4180 text with LF line ends, full precision, an empty cell for null. The first row names the columns. */
export function csv({ columns, rows }: DataTable): string {
  const lines = rows.map((row) => csvFormatRow(row.map((cell) => (cell === null ? '' : String(cell)))));
  return `${[csvFormatRow([...columns]), ...lines].join('\n')}\n`;
}
