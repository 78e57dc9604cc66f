import type { SweepPoint } from '../scenarios/sweep-condition.ts';
import type { SweepFactor } from '../scenarios/sweep-factor.ts';
import type { Cell } from './data-table.ts';
import { runColumns } from './run-columns.ts';

/** What tells a run of a sweep from the others: its combination, with the values of its factors, and its repetition. */
export interface RunIdentity {
  readonly cell: number;
  readonly seed: number;
  readonly rep: number;
  readonly scheme: string;
  readonly factors: readonly Cell[];
}

/** The columns of {@link identityCells}. */
export function identityColumns(factorColumns: readonly string[]): string[] {
  return ['cell', 'seed', 'rep', 'scheme', ...factorColumns];
}

/** The first cells of each row about a run. */
export function identityCells({ cell, seed, rep, scheme, factors }: RunIdentity): Cell[] {
  return [cell, seed, rep, scheme, ...factors];
}

/** The columns of `runs.csv`; a row is {@link identityCells}, then the run's values. */
export function runsColumns(factorColumns: readonly string[]): string[] {
  return [...identityColumns(factorColumns), ...runColumns.map(({ column }) => column)];
}

/** The scheme has a column of its own, whether it is varied or not; these are those of the other factors. */
export function factorColumns(factors: readonly SweepFactor[]): string[] {
  return factors.filter(({ path }) => path !== 'scheme').map(({ column }) => column);
}

/** A combination's values in {@link factorColumns}. */
export function factorCells(factors: readonly SweepFactor[], point: SweepPoint): Cell[] {
  return factors.flatMap(({ path }, at) => (path === 'scheme' ? [] : [point[at]!.cell]));
}
