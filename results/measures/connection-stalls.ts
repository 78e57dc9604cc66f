import type { ConnectionStateAtEnd } from '../../models/observations.ts';
import type { Direction } from '../message-rows.ts';
import type { PairedRows } from '../run-rows.ts';
import { stallThresholdNs } from './connection-outcome.ts';

/** A stretch of time in which a message was late; ns. */
export interface Stall {
  readonly to: Direction;
  /** When it was due: as in the paired run, with the delay so far; or, where it never came, when it was offered. */
  readonly startNs: number;
  /** When it came, or the end of the run. */
  readonly endNs: number;
  readonly delivered: boolean;
}

/**
 * Where a connection stood still: the stretches by which a message came at least 10 ms later than in the paired run
 * and later than the delay that the connection carried already, and the wait for a message that is owed at the
 * end. What answers a late message is late as well and not counted again. Exact.
 */
export function connectionStalls(
  runs: PairedRows,
  flow: number,
  state: ConnectionStateAtEnd | null,
  owedTo: Direction,
): Stall[] {
  const late = lateMessages(runs, flow);
  if (state === null || state.owedSinceNs < 0) return late;
  const { endNs } = runs.run;
  if (endNs - state.owedSinceNs < stallThresholdNs) return late;
  return [...late, { to: owedTo, startNs: state.owedSinceNs, endNs, delivered: false }];
}

function lateMessages({ run, control }: PairedRows, flow: number): Stall[] {
  const usual = new Map(
    control.messages.ofFlowBothWays(flow).map(({ to, index, timeNs }) => [`${to} ${index}`, timeNs]),
  );
  const stalls: Stall[] = [];
  let carriedNs = 0;
  for (const { to, index, timeNs } of run.messages.ofFlowBothWays(flow)) {
    const usualNs = usual.get(`${to} ${index}`);
    if (usualNs === undefined) continue;
    const lateNs = timeNs - usualNs;
    if (lateNs - carriedNs >= stallThresholdNs) {
      stalls.push({ to, startNs: usualNs + carriedNs, endNs: timeNs, delivered: true });
    }
    carriedNs = Math.max(carriedNs, lateNs);
  }
  return stalls;
}
