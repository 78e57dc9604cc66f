import { quantile } from '../../statistics.ts';
import { assert } from '../../../sim/assert.ts';
import { flowNames, type FlowName } from './flow-table.ts';
import type { SimulatedFlow, SimulatedMove } from './simulate-move.ts';

/**
 * What several draws of one run come to: each figure by its median, each outcome by the majority. When QEMU's
 * pre-copy stops hangs on a few milliseconds of its sender, so that single draws, like single measurements, scatter
 * by some tens of milliseconds.
 */
export function medianMove(draws: readonly SimulatedMove[]): SimulatedMove {
  const completed = draws.filter(({ status }) => status === 'completed');
  const cancelled = draws.find(({ status }) => status === 'cancelled');
  if (cancelled !== undefined && completed.length * 2 < draws.length) return cancelled;
  const of = (read: (move: SimulatedMove) => number | null): number | null => median(completed.map(read));
  return {
    status: 'completed',
    blackoutMs: of(({ blackoutMs }) => blackoutMs),
    downtimeMs: of(({ downtimeMs }) => downtimeMs),
    totalMs: of(({ totalMs }) => totalMs),
    contextLoadedMs: of(({ contextLoadedMs }) => contextLoadedMs),
    flows: Object.fromEntries(flowNames.map((name) => [name, medianFlow(completed, name)])) as Record<
      FlowName,
      SimulatedFlow
    >,
    probeSeen: (probe, phase) => Math.round(of(({ probeSeen }) => probeSeen(probe, phase)) ?? 0),
  };
}

function medianFlow(completed: readonly SimulatedMove[], name: FlowName): SimulatedFlow {
  const flows = completed.map(({ flows: all }) => {
    assert(all !== null, 'a completed move has flows');
    return all[name];
  });
  const living = flows.filter(({ alive }) => alive);
  const alive = living.length * 2 >= flows.length;
  const counted = alive ? living : flows;
  return {
    alive,
    gapMs: median(counted.map(({ gapMs }) => gapMs)),
    firstPayloadMs: median(counted.map(({ firstPayloadMs }) => firstPayloadMs)),
  };
}

function median(values: readonly (number | null)[]): number | null {
  return quantile(
    values.filter((value) => value !== null),
    0.5,
  );
}
