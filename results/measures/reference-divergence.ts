import type { DivergenceRow } from '../run-rows.ts';

/** Divergences from the never-moved reference, in packets, the run without migration subtracted. */
export interface ReferenceDivergence {
  /** First divergence of a tuple, by cause. */
  readonly wronglyAccepted: ReadonlyMap<DivergenceRow['cause'], number>;
  readonly wronglyDropped: ReadonlyMap<DivergenceRow['cause'], number>;
  /** All later ones of those tuples. */
  readonly consequent: number;
}

/**
 * Compares a run's engines with the reference engine that never moved. The counts of the run without migration
 * are subtracted cause by cause, so that what an engine does wrong anyway is not the migration's; a count
 * can thus be negative.
 */
export function referenceDivergence(
  run: readonly DivergenceRow[],
  control: readonly DivergenceRow[],
): ReferenceDivergence {
  return {
    wronglyAccepted: difference(firsts(run, 'wrongly-accepted'), firsts(control, 'wrongly-accepted')),
    wronglyDropped: difference(firsts(run, 'wrongly-dropped'), firsts(control, 'wrongly-dropped')),
    consequent: consequent(run) - consequent(control),
  };
}

type CountByCause = Map<DivergenceRow['cause'], number>;

function firsts(rows: readonly DivergenceRow[], kind: DivergenceRow['kind']): CountByCause {
  const counts: CountByCause = new Map();
  for (const row of rows)
    if (row.first && row.kind === kind) counts.set(row.cause, (counts.get(row.cause) ?? 0) + 1);
  return counts;
}

function consequent(rows: readonly DivergenceRow[]): number {
  return rows.filter((row) => !row.first).length;
}

function difference(run: CountByCause, control: CountByCause): CountByCause {
  const causes = new Set([...run.keys(), ...control.keys()]);
  const counts: CountByCause = new Map();
  for (const cause of causes) {
    const count = (run.get(cause) ?? 0) - (control.get(cause) ?? 0);
    if (count !== 0) counts.set(cause, count);
  }
  return counts;
}
