import { csvParseRows } from 'd3-dsv';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScenarioError } from '../sim/assert.ts';
import { Chance } from '../sim/random.ts';
import { importAdditions } from '../scenarios/additions.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { compareSchemes } from './compare.ts';
import { csvLine } from './csv.ts';
import type { Cell } from './data-table.ts';
import { runValues } from './run-columns.ts';
import { factorCells, identityCells } from './run-row.ts';
import { manifestFile, planFile, plannedFiles, sweepDirectoryState } from './sweep-files.ts';
import type { CellGroup, SweepCell, SweepPlan } from './sweep-plan.ts';
import type { VerifiedFile } from './verify-run.ts';

/** What came of repeating runs of a sweep. */
export interface VerifiedSweep {
  /** The files that the sweep file alone decides. */
  readonly files: readonly VerifiedFile[];
  /** Rows of runs.csv, and how many of them were run again. */
  readonly rows: number;
  readonly repeated: number;
  readonly differing: readonly DifferingRow[];
}

/** A run that came out otherwise than its row says, and the columns in which it did. */
export interface DifferingRow {
  readonly cell: number;
  readonly repetition: number;
  readonly columns: readonly string[];
}

/** Whether a directory holds a sweep, not a run. */
export function holdsSweep(directory: string): boolean {
  return [manifestFile, planFile].every((name) => existsSync(join(directory, name)));
}

/**
 * Runs rows of a sweep's runs.csv again, all or a sample that is the same each time, and compares them byte for
 * byte. Throws a ScenarioError when the directory is not that of the plan, or has no runs.csv yet.
 */
export async function verifySweep(
  directory: string,
  plan: SweepPlan,
  sample: number,
): Promise<VerifiedSweep> {
  refuseOther(directory, plan);
  const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
  const [header = '', ...lines] = read('runs.csv').trimEnd().split('\n');
  const columns = csvParseRows(header)[0] ?? [];
  const groupOf = new Map(plan.groups.flatMap((group) => group.cells.map(({ index }) => [index, group])));
  const differing: DifferingRow[] = [];
  let open: OpenGroup | null = null;
  const chosen = sampleOf(lines, sample);
  for (const line of chosen) {
    const written = csvParseRows(line)[0] ?? [];
    const [cell, repetition] = [Number(written[0]), Number(written[2])];
    const group = groupOf.get(cell);
    if (group === undefined || !Number.isSafeInteger(repetition)) throw notARow(directory, line);
    if (open?.group !== group) open = await openGroup(plan, group);
    const again = csvLine(repeat(plan, open, plan.cells[cell]!, repetition));
    if (again === line) continue;
    const found = csvParseRows(again)[0] ?? [];
    const differs = columns.filter((_, at) => found[at] !== written[at]);
    differing.push({ cell, repetition, columns: differs });
  }
  const files = [...plannedFiles(plan)].map(([name, content]) => ({ name, same: read(name) === content }));
  return { files, rows: lines.length, repeated: chosen.length, differing };
}

interface OpenGroup {
  readonly group: CellGroup;
  readonly scenario: Scenario;
  readonly additions: Awaited<ReturnType<typeof importAdditions>>;
}

async function openGroup(plan: SweepPlan, group: CellGroup): Promise<OpenGroup> {
  const scenario = plan.scenarioOf(group);
  return { group, scenario, additions: await importAdditions(scenario.modules) };
}

/** A row of runs.csv, made by running it. */
function repeat(
  { factors, seed }: SweepPlan,
  { scenario, additions }: OpenGroup,
  { index, point, choice }: SweepCell,
  repetition: number,
): Cell[] {
  const { schemes } = compareSchemes({
    ...{ scenario, additions, seed, repetition, choices: [choice] },
    replayCommand: () => 'nseh verify',
  });
  const own = factorCells(factors, point);
  const run = { cell: index, seed, rep: repetition, scheme: choice.name, factors: own };
  return [...identityCells(run), ...schemes.flatMap(runValues)];
}

/** So many of the lines, drawn without replacement and left in their order; all when there are no more. */
function sampleOf(lines: readonly string[], size: number): string[] {
  const draws = new Chance(1, 0).stream('verify', 'sample');
  const drawn = lines.map((_, at) => ({ at, draw: draws.uniform(at) })).sort((a, b) => a.draw - b.draw);
  const kept = new Set(drawn.slice(0, size).map(({ at }) => at));
  return lines.filter((_, at) => kept.has(at));
}

function refuseOther(directory: string, plan: SweepPlan): void {
  const state = sweepDirectoryState(directory, plan);
  const problem = (message: string, allowed: string): ScenarioError =>
    new ScenarioError([{ place: directory, message, allowed }]);
  if (state === 'other-version')
    throw problem('was made by another version of the program', 'the version that manifest.json names');
  if (state !== 'same-run')
    throw problem('was not made from this sweep file as it is now', 'the sweep file as it was');
  if (!existsSync(join(directory, 'runs.csv')))
    throw problem('has no runs.csv', 'a sweep that has ended, or nseh sweep merge');
}

function notARow(directory: string, line: string): ScenarioError {
  const message = `has a row that is no run of the sweep: ${line.slice(0, 60)}`;
  return new ScenarioError([{ place: join(directory, 'runs.csv'), message, allowed: 'rows of the plan' }]);
}
