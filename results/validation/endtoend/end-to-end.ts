import { quantile } from '../../statistics.ts';
import type { ErrorQuantiles } from '../qemu.ts';
import { flowFits, median, probeCounts, probeFits, replicatesAgree } from '../handover/handover.ts';
import type { Cell } from '../handover/handover-cells.ts';
import { scoreFirstPayloads, type FirstPayload, type FirstPayloadScore } from '../handover/first-payload.ts';
import { lookupBaseline } from '../handover/lookup-baseline.ts';
import { flowTable } from './flow-table.ts';
import { moveFlowCells, moveProbeCells, type MovePair } from './move-cells.ts';
import type { NotScored } from '../handover/read-handover.ts';
import { longestGapMs, readMeasuredMoves, type CompletedMove } from './measured-move.ts';
import { blackoutOrders, type WrongOrder } from './blackout-orders.ts';
import { repeatSpread } from './repeat-spread.ts';
import { measuredDraws, simulateMove, type SimulatedMove } from './simulate-move.ts';

/** A flow or probe of a case in which simulation and recording differ. */
export interface EndToEndDisagreement {
  readonly case: string;
  readonly scheme: string;
  /** Of the first repeat. */
  readonly blackout_ms: number;
  readonly flow: string;
  /** Of each repeat. */
  readonly expected: readonly unknown[];
  readonly simulated: readonly unknown[];
}

export type EndToEndFigure = 'blackout' | 'total' | 'context_loaded' | 'gap_client_sender' | 'gap_vm_sender';

/** Median and 95th percentile are of |simulated / measured - 1|. */
export interface EndToEndValidation {
  readonly runs: number;
  readonly not_scored: readonly NotScored[];
  readonly verdicts: { readonly right: number; readonly wrong: number };
  /** One flow of a case whose repeats agree. */
  readonly flows: number;
  readonly flows_agreeing: number;
  /** What a table would get right that looks a flow up at the other cases of its scheme. */
  readonly lookup_baseline: number | null;
  /** One probe of a case in one phase, that of the blackout left out; several shots are compared as a number. */
  readonly probes: number;
  readonly probes_agreeing: number;
  readonly probes_lookup_baseline: number | null;
  readonly disagreements: readonly EndToEndDisagreement[];
  readonly error: Readonly<Record<EndToEndFigure, ErrorQuantiles>>;
  /** The same of repeats of a case among themselves. */
  readonly repeats: Readonly<Record<EndToEndFigure, ErrorQuantiles>>;
  /** Of the flows that live in both worlds; a guest of emulated processors thaws within some 50 ms. */
  readonly first_payload: FirstPayloadScore;
  /** Not compared: the rig has control connections of its own, which are not in the recording. */
  readonly entries: 0;
  readonly entries_agreeing: 0;
  /** No outcome of these schemes is random by more than an attacker's numbers. */
  readonly by_distribution: readonly [];
  readonly orders: number;
  readonly orders_right: number;
  readonly pairs: number;
  readonly pairs_right: number;
  readonly pairs_wrong: readonly WrongOrder[];
  readonly cases: readonly EndToEndCase[];
}

export interface EndToEndCase {
  readonly id: string;
  readonly rep: number;
  readonly measured: MoveTimes;
  readonly simulated: MoveTimes;
}

export interface MoveTimes {
  readonly status: string;
  readonly blackout_ms: number | null;
  readonly total_ms: number | null;
  readonly context_loaded_ms: number | null;
}

/**
 * Holds whole simulated migrations against measured ones (`data` as in golden-endtoend.json): memory, context,
 * firewalls and flows together, each run from its parameters alone. Throws a RangeError where the file is of
 * another kind; runs that cannot be read or whose scheme is unknown are listed and not scored.
 */
export function validateEndToEnd(data: unknown): EndToEndValidation {
  const { moves, notScored } = readMeasuredMoves(data);
  return compareMoves(
    moves.map((measured) => ({ measured, simulated: simulateMove(measured, measuredDraws) })),
    notScored,
  );
}

function compareMoves(pairs: readonly MovePair[], notScored: readonly NotScored[]): EndToEndValidation {
  const allFlows = moveFlowCells(pairs);
  const flows = allFlows.filter(replicatesAgree);
  const wrongFlows = flows.filter((cell) => !flowFits(cell));
  const allProbes = moveProbeCells(pairs);
  const probes = allProbes.filter(probeCounts);
  const wrongProbes = probes.filter((cell) => !probeFits(median(cell.simulated), cell));
  const right = pairs.filter(({ measured, simulated }) => measured.status === simulated.status).length;
  return {
    runs: pairs.length,
    not_scored: notScored,
    verdicts: { right, wrong: pairs.length - right },
    flows: flows.length,
    flows_agreeing: flows.length - wrongFlows.length,
    lookup_baseline: lookupBaseline(flows, allFlows, (answer, cell) => answer === cell.measured[0]),
    probes: probes.length,
    probes_agreeing: probes.length - wrongProbes.length,
    probes_lookup_baseline: lookupBaseline(probes, allProbes, (answer, cell) => probeFits(answer, cell)),
    disagreements: [...wrongFlows, ...wrongProbes].map(disagreement),
    error: {
      blackout: errors(pairs, ({ derived }, { blackoutMs }) => [[derived.blackout_ms, blackoutMs]]),
      total: errors(pairs, ({ query_migrate }, { totalMs }) => [[query_migrate['total-time'], totalMs]]),
      context_loaded: errors(pairs, (measured, { contextLoadedMs }) => [
        [measured.derived.context_copy?.loaded_after_stop_ms ?? null, contextLoadedMs],
      ]),
      gap_client_sender: errors(pairs, (measured, simulated) => gaps('client', measured, simulated)),
      gap_vm_sender: errors(pairs, (measured, simulated) => gaps('vm', measured, simulated)),
    },
    repeats: repeatSpread(pairs.map(({ measured }) => measured)),
    first_payload: scoreFirstPayloads(pairs.flatMap(firstPayloads)),
    ...{ entries: 0, entries_agreeing: 0, by_distribution: [] },
    ...blackoutOrders(pairs),
    cases: pairs.map(caseOf),
  };
}

function disagreement({
  set,
  scheme,
  blackoutMs,
  name,
  measured,
  simulated,
}: Cell<unknown>): EndToEndDisagreement {
  return { case: set, scheme, blackout_ms: blackoutMs, flow: name, expected: measured, simulated };
}

type Comparison = readonly (readonly [measured: number | null, simulated: number | null])[];

function errors(
  pairs: readonly MovePair[],
  compare: (measured: CompletedMove, simulated: SimulatedMove) => Comparison,
): ErrorQuantiles {
  const values = pairs.flatMap(({ measured, simulated }) =>
    measured.status !== 'completed' ? [] : compare(measured, simulated).flatMap(relativeError),
  );
  return { median: quantile(values, 0.5), p95: quantile(values, 0.95) };
}

function relativeError([measured, simulated]: Comparison[number]): number[] {
  return measured === null || simulated === null ? [] : [Math.abs(simulated / measured - 1)];
}

/** The longest pause of each flow that this side sends in, at the other end; of flows that live in both worlds. */
function gaps(
  sender: 'client' | 'vm',
  { flows }: CompletedMove,
  { flows: simulatedFlows }: SimulatedMove,
): Comparison {
  return flows.flatMap(({ flow, alive, max_gap }) => {
    const simulated = simulatedFlows?.[flow];
    if (flowTable[flow].sender !== sender || !alive || simulated?.alive !== true) return [];
    return [[longestGapMs(sender, max_gap), simulated.gapMs] as const];
  });
}

function firstPayloads({ measured: run, simulated }: MovePair): FirstPayload[] {
  if (run.status !== 'completed') return [];
  return run.flows.flatMap(({ flow, alive, first_rx_after_ms }) => {
    const ours = simulated.flows?.[flow];
    const ends = [first_rx_after_ms?.client, first_rx_after_ms?.guest].filter(
      (time) => typeof time === 'number',
    );
    if (!alive || ours?.alive !== true || ours.firstPayloadMs === null || ends.length === 0) return [];
    const measured = Math.max(...ends);
    return [{ measured, simulated: ours.firstPayloadMs, blackout: run.derived.blackout_ms }];
  });
}

function caseOf({ measured, simulated }: MovePair): EndToEndCase {
  const done = measured.status === 'completed' ? measured : null;
  return {
    id: measured.id,
    rep: measured.rep,
    measured: {
      status: measured.status,
      blackout_ms: done?.derived.blackout_ms ?? null,
      total_ms: done?.query_migrate['total-time'] ?? null,
      context_loaded_ms: done?.derived.context_copy?.loaded_after_stop_ms ?? null,
    },
    simulated: {
      status: simulated.status,
      blackout_ms: simulated.blackoutMs,
      total_ms: simulated.totalMs,
      context_loaded_ms: simulated.contextLoadedMs,
    },
  };
}
