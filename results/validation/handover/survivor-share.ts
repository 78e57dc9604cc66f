import { loadPlans } from '../../../models/security/load-mode.ts';
import type { HandoverPlan } from './handover-plan.ts';
import type { HandoverRun } from './handover-file.ts';

/** Where a loader stops, who survives is chance: shares instead of outcomes. */
export interface SurvivorShare {
  readonly scheme: string;
  readonly flow: string;
  /** 95 % interval (Wilson) of the share of recorded runs in which the flow survived. */
  readonly measured: readonly [number, number];
  /** Share of simulated seeds. */
  readonly simulated: number;
  readonly within: boolean;
}

/** What is simulated for a run and a seed: who survived, and whether its entry had been loaded. */
export interface SeedOutcome {
  readonly flow: string;
  readonly loaded: boolean;
  readonly survives: boolean;
}

/** Whether the plan's loader meets an entry that it cannot load, and stops there. */
export function stopsLoading({ copy }: HandoverPlan): boolean {
  if (copy === null) return false;
  const { stopsAtFailure, expectedBit } = loadPlans[copy];
  return stopsAtFailure && expectedBit === 'sent';
}

export function survivorShares(
  scheme: string,
  runs: readonly HandoverRun[],
  seeds: readonly (readonly SeedOutcome[])[],
): SurvivorShare[] {
  const names = [...new Set(runs.flatMap(({ flows }) => flows.map(({ flow }) => flow)))];
  return names.map((flow) => {
    const outcomes = runs.flatMap(({ flows }) =>
      flows.filter((one) => one.flow === flow).map((one) => one.survives),
    );
    const measured = wilson(outcomes.filter(Boolean).length, outcomes.length);
    const simulatedOutcomes = seeds.flatMap((seed) => seed.filter((one) => one.flow === flow));
    const simulated = simulatedOutcomes.filter(({ survives }) => survives).length / simulatedOutcomes.length;
    return {
      scheme,
      flow,
      measured,
      simulated,
      within: simulated >= measured[0] && simulated <= measured[1],
    };
  });
}

/** Wilson, JASA 22 (1927): the interval of a share of which `hits` of `n` were seen. */
function wilson(hits: number, n: number): [number, number] {
  const z = 1.96;
  const share = hits / n;
  const middle = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return [hits === 0 ? 0 : middle - half, hits === n ? 1 : middle + half];
}
