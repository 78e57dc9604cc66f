import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { assert } from '../../../sim/assert.ts';
import { blackoutOrders } from './blackout-orders.ts';
import { readMeasuredMoves, type CompletedMove } from './measured-move.ts';
import type { MovePair } from './move-cells.ts';
import { simulateMove } from './simulate-move.ts';

const file = new URL('../../reference/golden-endtoend.json.gz', import.meta.url);
const completed = readMeasuredMoves(JSON.parse(gunzipSync(readFileSync(file)).toString('utf8'))).moves.filter(
  (move) => move.status === 'completed',
);
const [pattern] = completed;
assert(pattern !== undefined, 'the recording has runs');
const simulatedPattern = simulateMove(pattern, [1]);

/** Repeats of a case, each measured and simulated. */
function repeats(id: string, blackoutsMs: readonly (readonly [number, number])[]): MovePair[] {
  return blackoutsMs.map(([measuredMs, blackoutMs]) => {
    const measured = { ...pattern!, id, derived: { ...pattern!.derived, blackout_ms: measuredMs } };
    return { measured, simulated: { ...simulatedPattern, blackoutMs } };
  });
}

test('A pair counts where its medians differ by more than repeats do, of the two or of any case', () => {
  const found = blackoutOrders([
    ...repeats('a', [
      [400, 400],
      [410, 402],
    ]),
    // 20 ms above a, whose repeats differ by 10 and its own by 12: more than either, less than both together.
    ...repeats('b', [
      [419, 390],
      [431, 392],
    ]),
    ...repeats('c', [
      [700, 690],
      [720, 699],
    ]),
    ...repeats('alone', [[9_000, 1]]),
  ]);
  expect([found.orders, found.orders_right]).toEqual([2, 2]);
  expect([found.pairs, found.pairs_right]).toEqual([3, 2]);
  expect(found.pairs_wrong).toEqual([{ cases: ['a', 'b'], measured: [405, 425], simulated: [401, 391] }]);
});

test('Measured blackouts of cases that copy little in the stop phase are one population: their order is chance', () => {
  const alike = completed.filter(
    ({ id }) => id.startsWith('256-mod-') && !/stop-liberal(-prio)?-fill50000$/.test(id),
  );
  const cases = new Map<string, CompletedMove[]>();
  for (const run of alike) cases.set(run.id, [...(cases.get(run.id) ?? []), run]);
  expect(cases.size).toBe(18);
  // One-way analysis of variance: as much between cases as within them is 1, and 2.2 would be significant at 5 %.
  expect(
    varianceRatio([...cases.values()].map((runs) => runs.map(({ derived }) => derived.blackout_ms))),
  ).toBeLessThan(1);
});

/** F: mean square between groups over mean square within them. */
function varianceRatio(groups: readonly (readonly number[])[]): number {
  const all = groups.flat();
  const between = groups.reduce((sum, group) => sum + group.length * (mean(group) - mean(all)) ** 2, 0);
  const within = groups.flatMap((group) => group.map((value) => (value - mean(group)) ** 2));
  const withinMean = within.reduce((sum, square) => sum + square, 0) / (all.length - groups.length);
  return between / (groups.length - 1) / withinMean;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
