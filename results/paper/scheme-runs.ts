import type { Observations } from '../../models/observations.ts';
import { loadScenario } from '../../scenarios/load-scenario.ts';
import { chooseSchemes } from '../choose-schemes.ts';
import { compareSchemes } from '../compare.ts';
import type { PairedRun, RunSummary } from '../summary.ts';
import { paperFile } from './run-paper.ts';

/** One run of a scenario under a scheme, beside the run without migration. */
export interface SchemeRun {
  readonly scheme: string;
  readonly pair: PairedRun;
  readonly summary: RunSummary;
}

export interface SchemeRunsRequest {
  /** Path below scenarios/paper/, without its ending. */
  readonly name: string;
  readonly schemes: readonly string[];
  readonly overrides: readonly string[];
  readonly listen?: (scheme: string, observations: Observations) => void;
}

/** Runs a scenario under each scheme with the same draws, as `nseh compare` does. */
export function schemeRuns({ name, schemes, overrides, listen }: SchemeRunsRequest): SchemeRun[] {
  const { scenario } = loadScenario(paperFile(name), overrides);
  const runs: SchemeRun[] = [];
  compareSchemes({
    scenario,
    seed: scenario.seed,
    repetition: 0,
    choices: chooseSchemes(scenario, schemes),
    replayCommand: (scheme) => `nseh run scenarios/paper/${name}.yaml --scheme ${scheme}`,
    watch: {
      listen,
      finish: (pair, summary) => runs.push({ scheme: summary.scheme, pair, summary }),
    },
  });
  return runs;
}
