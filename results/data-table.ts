import { assert } from '../sim/assert.ts';

/** A cell of a table; null is an empty one. */
export type Cell = string | number | null;

/** A table as it is written to a file, its columns named with their units. A column holds numbers or texts. */
export interface DataTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** A table that is sound: rectangular, and without numbers that are none. */
export function dataTable(
  name: string,
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
): DataTable {
  for (const row of rows) {
    assert(row.length === columns.length, 'a row has as many cells as the table has columns');
    for (const cell of row) {
      assert(typeof cell !== 'number' || Number.isFinite(cell), 'a number in a table is finite');
    }
  }
  return { name, columns, rows };
}
