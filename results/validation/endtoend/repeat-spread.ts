import { quantile } from '../../statistics.ts';
import type { ErrorQuantiles } from '../qemu.ts';
import type { EndToEndFigure } from './end-to-end.ts';
import { flowTable } from './flow-table.ts';
import { longestGapMs, type CompletedMove, type MeasuredMove } from './measured-move.ts';

/**
 * How far repeats of a case differ among themselves: |one / another - 1| over all ordered pairs, as the error would be of
 * who takes one repeat for the prediction of another.
 */
export function repeatSpread(moves: readonly MeasuredMove[]): Record<EndToEndFigure, ErrorQuantiles> {
  const completed = moves.filter((move) => move.status === 'completed');
  const spread = (read: (move: CompletedMove) => readonly Reading[]): ErrorQuantiles => {
    const ratios = pairs(completed.flatMap((move) => read(move).map((one) => withCase(move, one))));
    return { median: quantile(ratios, 0.5), p95: quantile(ratios, 0.95) };
  };
  return {
    blackout: spread(({ derived }) => [['', derived.blackout_ms]]),
    total: spread((move) => [['', move.query_migrate['total-time']]]),
    context_loaded: spread(({ derived }) => {
      const loadedMs = derived.context_copy?.loaded_after_stop_ms ?? null;
      return loadedMs === null ? [] : [['', loadedMs]];
    }),
    gap_client_sender: spread((move) => gaps(move, 'client')),
    gap_vm_sender: spread((move) => gaps(move, 'vm')),
  };
}

/** What is read, and its value. */
type Reading = readonly [what: string, value: number];

function withCase({ id }: CompletedMove, [what, value]: Reading): Reading {
  return [`${id} ${what}`, value];
}

function gaps({ flows }: CompletedMove, sender: 'client' | 'vm'): Reading[] {
  return flows.flatMap(({ flow, alive, max_gap }) => {
    if (flowTable[flow].sender !== sender || !alive) return [];
    const longest = longestGapMs(sender, max_gap);
    return longest === null ? [] : [[flow, longest]];
  });
}

function pairs(readings: readonly Reading[]): number[] {
  const repeats = new Map<string, number[]>();
  for (const [what, value] of readings) repeats.set(what, [...(repeats.get(what) ?? []), value]);
  return [...repeats.values()].flatMap((values) =>
    values.flatMap((one, i) => values.filter((_, j) => i !== j).map((other) => Math.abs(one / other - 1))),
  );
}
