import { csvParseRows } from 'd3-dsv';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScenarioError } from '../sim/assert.ts';
import type { Cell } from './data-table.ts';
import { columnsFile, manifestFile } from './sweep-files.ts';
import type { ColumnNote } from './sweep-files.ts';

/** The rows of a sweep as they were written, and what their columns are. */
export interface SweepRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly notes: readonly ColumnNote[];
  /** What was worth saying of the scenario. */
  readonly warnings: readonly string[];
}

/** Reads runs.csv and columns.json of a sweep's directory. */
export function readSweepRows(directory: string): SweepRows {
  const missing = [columnsFile, manifestFile, 'runs.csv'].filter(
    (name) => !existsSync(join(directory, name)),
  );
  if (missing.length > 0) {
    const allowed = 'a directory that nseh sweep has finished, or nseh sweep merge has joined';
    throw new ScenarioError([{ place: directory, message: `has no ${missing.join(', no ')}`, allowed }]);
  }
  const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
  const notes = JSON.parse(read(columnsFile)) as ColumnNote[];
  const manifest = JSON.parse(read(manifestFile)) as { readonly warnings: readonly string[] };
  const [columns = [], ...rows] = csvParseRows(read('runs.csv'));
  const whole = rows.every((row) => row.length === columns.length);
  if (!whole || notes.some(({ column }) => !columns.includes(column))) {
    const allowed = `nseh sweep merge ${directory} joins it anew`;
    throw new ScenarioError([{ place: join(directory, 'runs.csv'), message: 'is damaged', allowed }]);
  }
  const numeric = columns.map((column) => notes.find((note) => note.column === column)?.kind !== 'text');
  const cell = (text: string, at: number): Cell => {
    if (numeric[at] !== true) return text;
    return text === '' ? null : Number(text);
  };
  return { columns, rows: rows.map((row) => row.map(cell)), notes, warnings: manifest.warnings };
}
