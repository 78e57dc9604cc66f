import type { DivergenceRow } from '../run-rows.ts';
import { unpairedDivergences } from './unpaired-divergences.ts';

/** Divergences from the never-moved reference, in packets, beside the run without migration. */
export interface ReferenceDivergence {
  /** First divergence of a tuple, by cause, beyond those that its flow has without migration. */
  readonly wronglyAccepted: ReadonlyMap<DivergenceRow['cause'], number>;
  readonly wronglyDropped: ReadonlyMap<DivergenceRow['cause'], number>;
  /** All later ones of those tuples, beyond the later ones without migration. */
  readonly consequent: number;
  /** First and later divergences of the run without migration that this run does not have. */
  readonly spared: number;
}

/**
 * Compares a run's engines with the reference engine that never moved. What an engine does wrong anyway, as where
 * VMs share a table or a rate limiter, is not the migration's: the run without migration is subtracted flow by flow,
 * and what the migration made go right is counted apart (`spared`), so that harm to one flow is never
 * set off against luck of another, and no count is negative.
 */
export function referenceDivergence(
  run: readonly DivergenceRow[],
  control: readonly DivergenceRow[],
): ReferenceDivergence {
  const { added, spared } = unpairedDivergences(run, control);
  return {
    wronglyAccepted: firsts(added, 'wrongly-accepted'),
    wronglyDropped: firsts(added, 'wrongly-dropped'),
    consequent: added.filter(({ first }) => !first).length,
    spared: spared.length,
  };
}

function firsts(
  rows: readonly DivergenceRow[],
  kind: DivergenceRow['kind'],
): ReadonlyMap<DivergenceRow['cause'], number> {
  const counts = new Map<DivergenceRow['cause'], number>();
  for (const row of rows)
    if (row.first && row.kind === kind) counts.set(row.cause, (counts.get(row.cause) ?? 0) + 1);
  return counts;
}
