import type { SimulatedRun } from './handover-cells.ts';

/** Shares of flows whose first payload after the resume comes when it was measured. */
export interface FirstPayloadScore {
  readonly flows: number;
  readonly within_40_ms_or_3_percent: number | null;
  readonly within_one_step: number | null;
}

/** Times from the resume of a flow that lives on in both worlds, and how long the path was cut. */
export interface FirstPayload {
  readonly measured: number;
  readonly simulated: number;
  readonly blackout: number;
}

/** Flows that live on in the recording and in the simulation: all, or those whose state at the cut was recorded or not. */
export function firstPayloadScore(
  runs: readonly SimulatedRun[],
  wanted: 'all' | 'cut recorded' | 'cut not recorded',
): FirstPayloadScore {
  const pairs = runs.flatMap(({ run, outcome }) =>
    run.flows.flatMap(({ first_byte_ms: measured, cut }, index) => {
      const simulated = outcome.flows[index]!.firstPayloadMs;
      const recorded = cut !== null && cut !== undefined;
      const left = wanted !== 'all' && recorded !== (wanted === 'cut recorded');
      return measured === null || simulated === null || left
        ? []
        : [{ measured, simulated, blackout: run.actual_blackout_ms }];
    }),
  );
  return scoreFirstPayloads(pairs);
}

export function scoreFirstPayloads(pairs: readonly FirstPayload[]): FirstPayloadScore {
  const share = (fits: (pair: FirstPayload) => boolean): number | null =>
    pairs.length === 0 ? null : pairs.filter(fits).length / pairs.length;
  return {
    flows: pairs.length,
    within_40_ms_or_3_percent: share(({ measured, simulated }) => {
      const off = Math.abs(simulated - measured);
      return off <= closeMs || off <= 0.03 * measured;
    }),
    within_one_step: share(({ measured, simulated, blackout }) => {
      return Math.abs(simulated - measured) <= closeMs + stepMs(blackout + Math.max(measured, simulated));
    }),
  };
}

const closeMs = 40;

/** The least timeout of Linux's TCP, whose resends come at R, 3R, 7R, … after what was lost (RFC 6298, 5.5). */
const timeoutMs = 208;

/** The time between the resend that came so long after the cut and the one before it. */
function stepMs(sinceCutMs: number): number {
  return (sinceCutMs + timeoutMs) / 2;
}
