import type { SimulatedRun } from './handover-cells.ts';
import type { ReadRun } from './read-handover.ts';

/** Flows of strict copies, cut by cut: those that nobody attacks, in runs with the state at the cut. */
export interface StrictCopyScore {
  readonly flows: number;
  readonly flows_agreeing: number;
  readonly dead: number;
  readonly dead_simulated: number;
  readonly dead_in_both: number;
  readonly disagreements: readonly {
    readonly scheme: string;
    readonly blackout_ms: number;
    readonly run: number;
    readonly flow: string;
    readonly expected: boolean;
    readonly simulated: boolean;
  }[];
}

/** Every run for itself, whether its replicates agree or not: where the cut meets a burst is not the same twice. */
export function strictCopyScore(
  runs: readonly ReadRun[],
  simulated: readonly SimulatedRun[],
): StrictCopyScore {
  const fates = runs.flatMap(({ plan, run }, index) => {
    const strict = plan.copy === 'flags' || plan.copy === 'naive' || plan.copy === 'noflags';
    if (!strict || plan.second.tcpBeLiberal) return [];
    return run.flows.flatMap(({ flow, cut, survives: expected }, position) =>
      flow.endsWith('-victim') || cut === undefined || cut === null
        ? []
        : [
            {
              scheme: run.scheme,
              blackout_ms: run.blackout_ms,
              run: run.run,
              flow,
              expected,
              simulated: simulated[index]!.outcome.flows[position]!.survives,
            },
          ],
    );
  });
  const disagreements = fates.filter((fate) => fate.expected !== fate.simulated);
  return {
    flows: fates.length,
    flows_agreeing: fates.length - disagreements.length,
    dead: fates.filter((fate) => !fate.expected).length,
    dead_simulated: fates.filter((fate) => !fate.simulated).length,
    dead_in_both: fates.filter((fate) => !fate.expected && !fate.simulated).length,
    disagreements,
  };
}
