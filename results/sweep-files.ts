import { join } from 'node:path';
import type { Cell, DataTable } from './data-table.ts';
import { csv } from './csv.ts';
import { dataTable } from './data-table.ts';
import { buildHash, scenarioHash, versions } from './manifest.ts';
import { runColumns } from './run-columns.ts';
import { directoryState, foreignResults, writeFileWhole } from './run-directory.ts';
import type { DirectoryState } from './run-directory.ts';
import { factorCells, factorColumns } from './run-row.ts';
import { stableJson } from './stable-json.ts';
import type { SweepPlan } from './sweep-plan.ts';
import { sha256 } from '../scenarios/sha256.ts';
import { columnUnits } from '../scenarios/sweep-factor.ts';
import type { SweepFactor } from '../scenarios/sweep-factor.ts';

/** What a sweep was made from, and with which program. Deterministic, so that all shards write the same. */
export interface SweepManifest {
  readonly sweep_name: string;
  readonly description: string;
  /** SHA-256 of the scenario with what holds for all runs; its combinations' hashes are in plan.csv. */
  readonly scenario_sha256: string;
  /** SHA-256 of all combinations and how often each is repeated. */
  readonly run_sha256: string;
  readonly build_sha256: string;
  readonly seed: number;
  readonly factors: readonly { readonly column: string; readonly path: string }[];
  readonly cells: number;
  /** What is worth saying of the scenario, such as that all migrations start at a fixed time. */
  readonly warnings: readonly string[];
  readonly versions: ReturnType<typeof versions>;
}

/** Writes what is known before anything runs; refuses a directory that holds something else. */
export function prepareDirectory(directory: string, plan: SweepPlan, force: boolean): void {
  const state = sweepDirectoryState(directory, plan);
  // The same scenario under further combinations is the same sweep, extended.
  if (!force && (state === 'other-scenario' || state === 'other-version'))
    throw foreignResults(directory, state);
  for (const [name, content] of plannedFiles(plan)) writeFileWhole(join(directory, name), content);
}

/** What a directory holds, beside what the plan would make. */
export function sweepDirectoryState(directory: string, plan: SweepPlan): DirectoryState {
  return directoryState(directory, manifestFile, sweepManifest(plan));
}

/** The files that are known before anything runs, by name; the manifest last. */
export function plannedFiles(plan: SweepPlan): ReadonlyMap<string, string> {
  return new Map([
    [planFile, csv(planTable(plan))],
    [columnsFile, `${JSON.stringify(columnList(plan.factors), null, 2)}\n`],
    [manifestFile, `${stableJson(sweepManifest(plan), 2)}\n`],
  ]);
}

export const manifestFile = 'manifest.json';
export const planFile = 'plan.csv';
export const columnsFile = 'columns.json';

/** Columns of plan.csv before those of the factors. */
export const planColumns: readonly string[] = ['cell', 'cell_sha256', 'seed', 'reps', 'reps_max', 'scheme'];

function sweepManifest(plan: SweepPlan): SweepManifest {
  const { sweep, base, seed, factors, cells } = plan;
  const what = {
    cells: cells.map(({ sha256 }) => sha256),
    repetitions: sweep.repetitions,
    until: sweep.until,
  };
  return {
    sweep_name: sweep.name,
    description: sweep.description,
    scenario_sha256: scenarioHash(base),
    run_sha256: sha256(stableJson(what)),
    build_sha256: buildHash(),
    seed,
    factors: factors.map(({ column, path }) => ({ column, path })),
    cells: cells.length,
    warnings: plan.warnings.map(({ message }) => message),
    versions: versions(),
  };
}

/** One row a combination, with what its runs are kept under. */
function planTable({ sweep, factors, cells, seed }: SweepPlan): DataTable {
  const rows = cells.map(({ index, sha256, point, choice }): Cell[] => [
    ...[
      index,
      sha256,
      seed,
      sweep.repetitions,
      sweep.until?.repetitionsMax ?? sweep.repetitions,
      choice.name,
    ],
    ...factorCells(factors, point),
  ]);
  return dataTable('plan', [...planColumns, ...factorColumns(factors)], rows);
}

/** A column of `runs.csv` as `columns.json` describes it. */
export interface ColumnNote {
  readonly column: string;
  readonly role: 'identity' | 'factor' | 'measure';
  readonly kind: 'number' | 'share' | 'count' | 'text';
  readonly unit: string;
  readonly meaning: string;
  readonly source: string;
}

/** Every column of `runs.csv`, in order. */
export function columnList(factors: readonly SweepFactor[]): ColumnNote[] {
  const varied = factors.some(({ path }) => path === 'scheme');
  return [
    identity('cell', 'number of the combination in plan.csv'),
    identity('seed', 'seed of all chance'),
    identity('rep', 'repetition, with draws of its own, common to all schemes'),
    note('scheme', varied ? 'factor' : 'identity', 'text', '', 'how the VMs were migrated', 'sweep file'),
    ...factors.flatMap(({ path, column, dimension, levels }): ColumnNote[] => {
      if (path === 'scheme') return [];
      const unit = dimension === null ? '' : columnUnits[dimension].unit;
      const kind = typeof levels[0]?.cell === 'string' ? 'text' : 'number';
      return [note(column, 'factor', kind, unit, `${path} of the scenario`, 'sweep file')];
    }),
    ...runColumns.map(({ column, kind, unit, meaning, source }) =>
      note(column, 'measure', kind, unit, meaning, source),
    ),
  ];
}

function identity(column: string, meaning: string): ColumnNote {
  return note(column, 'identity', 'number', '', meaning, 'sweep file');
}

function note(
  column: string,
  role: ColumnNote['role'],
  kind: ColumnNote['kind'],
  unit: string,
  meaning: string,
  source: string,
): ColumnNote {
  return { column, role, kind, unit, meaning, source };
}
