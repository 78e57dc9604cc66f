import { csvFormatRow } from 'd3-dsv';
import { assert } from '../sim/assert.ts';

/** A cell of a table; null is an empty one. */
export type Cell = string | number | null;

/** RFC 4180 text with LF line ends, full precision, no NaN. The first row names the columns. */
export function csv(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = rows.map((row) => {
    assert(row.length === columns.length, 'a row has as many cells as the table has columns');
    return csvFormatRow(row.map(cellText));
  });
  return `${[csvFormatRow([...columns]), ...lines].join('\n')}\n`;
}

function cellText(cell: Cell): string {
  assert(typeof cell !== 'number' || Number.isFinite(cell), 'a number in a table is finite');
  return cell === null ? '' : String(cell);
}
