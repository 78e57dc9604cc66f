import { loadPlans } from '../../../models/security/load-mode.ts';
import type { HandoverPlan } from './handover-plan.ts';
import type { HandoverRun } from './handover-file.ts';

/** Where a loader stops, who survives is chance: shares instead of outcomes. */
export interface SurvivorShare {
  readonly scheme: string;
  readonly flow: string;
  /** 95 % interval (Clopper and Pearson) of the share of recorded runs in which the flow survived. */
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
    const measured = exactInterval(outcomes.filter(Boolean).length, outcomes.length);
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

/** The exact 95 % interval of a share of which `hits` of `n` were seen (Clopper and Pearson, Biometrika 26, 1934). */
function exactInterval(hits: number, n: number): [number, number] {
  const low = hits === 0 ? 0 : root((share) => 1 - atMost(hits - 1, n, share) - 0.025);
  const high = hits === n ? 1 : root((share) => 0.025 - atMost(hits, n, share));
  return [low, high];
}

/** Where a function that grows over [0, 1] is zero. */
function root(grows: (share: number) => number): number {
  let [low, high] = [0, 1];
  for (let halving = 0; halving < 50; halving++) {
    const middle = (low + high) / 2;
    if (grows(middle) < 0) low = middle;
    else high = middle;
  }
  return low;
}

/** Probability of at most so many successes in `n` trials. */
function atMost(successes: number, n: number, share: number): number {
  let term = (1 - share) ** n;
  let sum = term;
  for (let k = 1; k <= successes; k++) {
    term *= ((n - k + 1) / k) * (share / (1 - share));
    sum += term;
  }
  return sum;
}
