import type { DivergenceRow } from '../run-rows.ts';

/** Divergences of a run and of its control that have no like in the other. */
export interface UnpairedDivergences {
  /** Those of the run alone: what the migration did. In the order of the run. */
  readonly added: readonly DivergenceRow[];
  /** Those of the control alone: what went wrong without the migration and does not with it. */
  readonly spared: readonly DivergenceRow[];
}

/**
 * Pairs divergences of one VM, flow and kind, first ones with first ones and later ones with later ones; of those the
 * ones with the same cause before the others. Flows have the same numbers in both runs (the packets of one kind of an attack are one flow), so that what goes wrong with
 * a flow anyway is told from what the migration does to it, also where the migration makes something else go right.
 */
export function unpairedDivergences(
  run: readonly DivergenceRow[],
  control: readonly DivergenceRow[],
): UnpairedDivergences {
  if (control.length === 0) return { added: run, spared: [] };
  const alike = unpaired(run, control, (row) => `${row.cause} ${flowOf(row)}`);
  return unpaired(alike.added, alike.spared, flowOf);
}

function flowOf({ vm, flow, kind, first }: DivergenceRow): string {
  return `${flow} ${kind} ${first} ${vm}`;
}

/** What is left of both when each row has met one of the other with the same key, the earlier ones first. */
function unpaired(
  run: readonly DivergenceRow[],
  control: readonly DivergenceRow[],
  keyOf: (row: DivergenceRow) => string,
): UnpairedDivergences {
  return { added: beyond(run, control, keyOf), spared: beyond(control, run, keyOf) };
}

function beyond(
  rows: readonly DivergenceRow[],
  others: readonly DivergenceRow[],
  keyOf: (row: DivergenceRow) => string,
): readonly DivergenceRow[] {
  const pairs = new Map<string, number>();
  for (const other of others) pairs.set(keyOf(other), (pairs.get(keyOf(other)) ?? 0) + 1);
  return rows.filter((row) => {
    const free = pairs.get(keyOf(row)) ?? 0;
    if (free > 0) pairs.set(keyOf(row), free - 1);
    return free === 0;
  });
}
