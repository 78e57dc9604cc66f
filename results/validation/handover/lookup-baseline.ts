import type { Cell } from './handover-cells.ts';

/**
 * Share of cells that a table would get right which knows the measured outcomes of the same flow under the same
 * scheme at the other blackouts: it answers what most of them were, and what all cells were most often where it
 * knows none. Null without cells.
 */
export function lookupBaseline<T>(
  scored: readonly Cell<T>[],
  all: readonly Cell<T>[],
  fits: (answer: T, cell: Cell<T>) => boolean,
): number | null {
  if (scored.length === 0) return null;
  const byName = new Map<string, Cell<T>[]>();
  for (const cell of all) {
    const key = keyOf(cell);
    byName.set(key, [...(byName.get(key) ?? []), cell]);
  }
  const fallback = mostFrequent(all.flatMap(({ measured }) => measured));
  const right = scored.filter((cell) => {
    const others = (byName.get(keyOf(cell)) ?? []).filter(({ blackoutMs }) => blackoutMs !== cell.blackoutMs);
    const answer = mostFrequent(others.flatMap(({ measured }) => measured)) ?? fallback;
    return answer !== null && fits(answer, cell);
  });
  return right.length / scored.length;
}

function keyOf({ scheme, name }: { readonly scheme: string; readonly name: string }): string {
  return JSON.stringify([scheme, name]);
}

function mostFrequent<T>(values: readonly T[]): T | null {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best: T | null = null;
  for (const [value, count] of counts) if (best === null || count > counts.get(best)!) best = value;
  return best;
}
