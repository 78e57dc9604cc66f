import { csvParseRows } from 'd3-dsv';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatQuantity } from '../../scenarios/units.ts';
import { suggestion } from '../../scenarios/did-you-mean.ts';
import { ScenarioError } from '../../sim/assert.ts';
import type { Cell } from '../data-table.ts';
import { readSweepRows } from '../sweep-rows.ts';
import { axisNumber } from './figure-number.ts';

/** A table from which figures are drawn: columns of numbers or texts, null where a cell is empty. */
export interface PlotRows {
  /** What the table is, for titles and messages. */
  readonly name: string;
  readonly columns: readonly PlotColumn[];
  readonly rows: readonly (readonly Cell[])[];
}

export interface PlotColumn {
  readonly name: string;
  readonly kind: 'number' | 'share' | 'count' | 'text';
  /** Unit as `columns.json` has it, '' where it is not known. */
  readonly unit: string;
  /** What a sweep varies; null where a table does not say. */
  readonly role: 'identity' | 'factor' | 'measure' | null;
}

/** The rows of a sweep's directory, or of one table (`connections`, say) of a run's directory. */
export function readPlotRows(directory: string, table: string | null): PlotRows {
  if (existsSync(join(directory, 'runs.csv')) && table === null) {
    const { columns, rows, notes } = readSweepRows(directory);
    const described = columns.map((name): PlotColumn => {
      const note = notes.find(({ column }) => column === name);
      return { name, kind: note?.kind ?? 'number', unit: note?.unit ?? '', role: note?.role ?? null };
    });
    return { name: 'runs', columns: described, rows };
  }
  const tables = existsSync(directory)
    ? readdirSync(directory)
        .filter((file) => file.endsWith('.csv'))
        .map((file) => file.slice(0, -4))
    : [];
  if (tables.length === 0) {
    const allowed = 'a directory that nseh run or nseh sweep has written';
    throw new ScenarioError([{ place: directory, message: 'holds no table', allowed }]);
  }
  if (table === null || !tables.includes(table)) {
    const message = table === null ? 'holds several tables' : `has no table "${table}"`;
    throw new ScenarioError([{ place: directory, message, allowed: `--table ${tables.sort().join(', ')}` }]);
  }
  return tableRows(table, readFileSync(join(directory, `${table}.csv`), 'utf8'));
}

/** A column is of numbers when all that stands in it are numbers. */
function tableRows(name: string, text: string): PlotRows {
  const [header = [], ...lines] = csvParseRows(text);
  const columns = header.map((column, at): PlotColumn => {
    const written = lines.map((line) => line[at] ?? '').filter((cell) => cell !== '');
    const numeric = written.length > 0 && written.every((cell) => Number.isFinite(Number(cell)));
    return { name: column, kind: numeric ? 'number' : 'text', unit: '', role: null };
  });
  const rows = lines.map((line) =>
    line.map((cell, at): Cell => {
      if (columns[at]?.kind === 'text') return cell;
      return cell === '' ? null : Number(cell);
    }),
  );
  return { name, columns, rows };
}

/** The place of a column; a {@link ScenarioError} that names those that exist when there is none. */
export function columnAt({ name, columns }: PlotRows, wanted: string): number {
  const at = columns.findIndex((column) => column.name === wanted);
  if (at >= 0) return at;
  const names = columns.map((column) => column.name);
  // Where a sweep varies the path of a scenario, its column has the last name of the path.
  const last = wanted.slice(wanted.lastIndexOf('.') + 1);
  const message = `has no column "${wanted}"${suggestion(last, names)}`;
  throw new ScenarioError([{ place: `${name}.csv`, message, allowed: names.join(', ') }]);
}

/** The same for a column that has to hold numbers. */
export function numericColumnAt(table: PlotRows, wanted: string): number {
  const at = columnAt(table, wanted);
  if (table.columns[at]?.kind !== 'text') return at;
  const allowed = table.columns.flatMap(({ name, kind }) => (kind === 'text' ? [] : [name])).join(', ');
  throw new ScenarioError([{ place: `${table.name}.csv`, message: `${wanted} holds no numbers`, allowed }]);
}

/** Rows by the value of a column, in the order in which the values first appear; one group where there is no column. */
export function groupsBy(table: PlotRows, column: string | null): Map<string, readonly (readonly Cell[])[]> {
  if (column === null) return new Map([['', table.rows]]);
  const at = columnAt(table, column);
  const groups = new Map<string, (readonly Cell[])[]>();
  for (const row of table.rows) {
    const key = String(row[at] ?? '');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

/** Says how many rows a figure leaves out because a column is empty there; nothing where it is in none. */
export function leftOut({ rows }: PlotRows, at: number): string {
  const empty = rows.filter((row) => typeof row[at] !== 'number').length;
  return empty === 0 ? '' : `; ${empty} of ${rows.length} rows are empty`;
}

/** A value of a column as an axis of single values says it: bytes with their unit, other numbers in groups. */
export function categoryLabel(table: PlotRows, column: string): (value: string) => string {
  const { kind, unit } = table.columns[columnAt(table, column)]!;
  return (value) => {
    if (kind === 'text' || value === '') return value;
    return unit === 'bytes' && Number.isInteger(Number(value))
      ? formatQuantity(Number(value), 'size')
      : axisNumber(Number(value));
  };
}

/** The numbers of a column among some rows, empty cells left out. */
export function numbersOf(rows: readonly (readonly Cell[])[], at: number): number[] {
  return rows.flatMap((row) => (typeof row[at] === 'number' ? [row[at]] : []));
}

/** `downtime_ms` as an axis says it: "downtime (ms)". */
export function columnLabel(name: string): string {
  const match = /^(.*)_(ms|s|ns|bytes|bps|pages|mib|share)$/.exec(name);
  const [words, unit] = match === null ? [name, ''] : [match[1] ?? name, ` (${match[2]})`];
  return `${words.replaceAll('_', ' ')}${unit}`;
}
