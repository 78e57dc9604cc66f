import { csvParseRows } from 'd3-dsv';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ScenarioError } from '../sim/assert.ts';
import { csv } from './csv.ts';
import type { Cell, DataTable } from './data-table.ts';
import { dataTable } from './data-table.ts';
import { readJournals } from './journal.ts';
import type { JournalEntry } from './journal.ts';
import { parquet } from './parquet.ts';
import { runColumns } from './run-columns.ts';
import { writeFileWhole } from './run-directory.ts';
import { identityCells, identityColumns, runsColumns } from './run-row.ts';
import { manifestFile, planColumns, planFile } from './sweep-files.ts';

/** How far a sweep has come, by its plan and all journals in its directory. */
export interface SweepState {
  /** Runs that the plan asks for; with `until` those that are certain. */
  readonly planned: number;
  readonly finished: number;
  readonly failed: number;
  /** Runs that finished with a migration that had not completed. */
  readonly incomplete: number;
  /** Runs in the journals of combinations that the plan does not have, now. */
  readonly elsewhere: number;
  readonly wallMs: number;
  /** Of the plan's combinations, in order. */
  readonly cells: readonly CellState[];
  readonly factorColumns: readonly string[];
}

export interface CellState {
  readonly cell: number;
  readonly seed: number;
  readonly reps: number;
  readonly repsMax: number;
  readonly scheme: string;
  readonly factors: readonly Cell[];
  /** The last word on each repetition. */
  readonly runs: ReadonlyMap<number, JournalEntry>;
}

/** Reads a sweep's directory: what was planned and what has ended. */
export function readSweep(directory: string): SweepState {
  const file = join(directory, planFile);
  if (!existsSync(file) || !existsSync(join(directory, manifestFile))) {
    const allowed = 'a directory that nseh sweep has written, such as out/NAME';
    throw new ScenarioError([{ place: directory, message: 'holds no sweep', allowed }]);
  }
  const [header = [], ...rows] = csvParseRows(readFileSync(file, 'utf8'));
  const runsOf = new Map<string, Map<number, JournalEntry>>(rows.map((row) => [row[1] ?? '', new Map()]));
  const elsewhere = new Set<string>();
  let wallMs = 0;
  for (const entry of readJournals(directory)) {
    const runs = runsOf.get(entry.cell);
    runs?.set(entry.rep, entry);
    if (runs === undefined) elsewhere.add(`${entry.cell} ${entry.rep}`);
    wallMs += entry.wallMs;
  }
  const numeric = header.map((_, column) => rows.every((row) => isNumber(row[column] ?? '')));
  const cells = rows.map((row): CellState => {
    const [cell, sha256 = '', seed, reps, repsMax, scheme = '', ...factors] = row;
    return {
      ...{ cell: Number(cell), seed: Number(seed), reps: Number(reps), repsMax: Number(repsMax), scheme },
      factors: factors.map((text, at) => (numeric[at + planColumns.length] === true ? Number(text) : text)),
      runs: runsOf.get(sha256) ?? new Map<number, JournalEntry>(),
    };
  });
  const ended = cells.flatMap((cell) => wantedRuns(cell));
  return {
    planned: cells.reduce((sum, cell) => sum + cell.reps, 0),
    finished: ended.filter(({ values }) => values !== null).length,
    failed: ended.filter(({ failure }) => failure !== null).length,
    incomplete: ended.filter(({ values }) => values !== null && values[completedAt]! < values[requestedAt]!)
      .length,
    ...{ elsewhere: elsewhere.size, wallMs, cells, factorColumns: header.slice(planColumns.length) },
  };
}

const requestedAt = runColumns.findIndex(({ column }) => column === 'migrations');
const completedAt = runColumns.findIndex(({ column }) => column === 'completed');

/** Joins the journals of all shards into runs.csv, runs.parquet and failures.csv: the same bytes whoever ran what. */
export function mergeSweep(directory: string, state: SweepState): void {
  const runs = runsTable(state);
  writeFileWhole(join(directory, 'runs.csv'), csv(runs));
  writeFileWhole(join(directory, 'runs.parquet'), parquet(runs));
  const failures = failuresTable(state);
  if (failures.rows.length > 0) writeFileWhole(join(directory, 'failures.csv'), csv(failures));
  else rmSync(join(directory, 'failures.csv'), { force: true });
}

/** One row a finished run, in the order of the plan. */
function runsTable({ cells, factorColumns }: SweepState): DataTable {
  const rows = cells.flatMap((cell) =>
    wantedRuns(cell)
      .filter(({ values }) => values !== null)
      .map(({ rep, values }) => [...identityCells({ ...cell, rep }), ...(values ?? [])]),
  );
  return dataTable('runs', runsColumns(factorColumns), rows);
}

function failuresTable({ cells, factorColumns }: SweepState): DataTable {
  const rows = cells.flatMap((cell) =>
    wantedRuns(cell).flatMap(({ rep, failure }) =>
      failure === null
        ? []
        : [[...identityCells({ ...cell, rep }), failure.kind, failure.message, failure.command]],
    ),
  );
  return dataTable('failures', [...identityColumns(factorColumns), 'failure', 'message', 'command'], rows);
}

/** Of a cell's journal what the plan asks for, by repetition: a sweep that was made smaller keeps more than it shows. */
export function wantedRuns({ runs, repsMax }: CellState): JournalEntry[] {
  return [...runs.values()].filter(({ rep }) => rep < repsMax).sort((a, b) => a.rep - b.rep);
}

function isNumber(text: string): boolean {
  return text !== '' && Number.isFinite(Number(text));
}
