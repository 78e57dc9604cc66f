import { assert } from '../../sim/assert.ts';
import { ms } from '../../sim/time.ts';
import { loadScenario } from '../../scenarios/load-scenario.ts';
import { chooseSchemes } from '../choose-schemes.ts';
import { downtimeNs } from '../measures/downtime.ts';
import { migrationTimes } from '../measures/migration-times.ts';
import { runScenario } from '../run-scenario.ts';
import { paperFile } from './run-paper.ts';
import { schemeRuns } from './scheme-runs.ts';
import type { SchemeRun } from './scheme-runs.ts';

/**
 * Runs a case's file under each of these schemes, as `nseh compare` does: each beside the same without a move. Gives the
 * run of a scheme by its name.
 */
export function runContext(
  file: string,
  schemes: readonly string[],
  overrides: readonly string[] = [],
): (scheme: string) => SchemeRun {
  const runs = schemeRuns({ name: file, schemes, overrides });
  return (scheme) => {
    const run = runs.find((each) => each.scheme === scheme);
    assert(run !== undefined, 'a case names the schemes that it asks for');
    return run;
  };
}

/** How long a case's file keeps its guest paused under each of these schemes, in ms; NaN where it does not move. */
export function contextPausesMs(
  file: string,
  schemes: readonly string[],
  overrides: readonly string[],
): number[] {
  const { scenario } = loadScenario(paperFile(file), overrides);
  return chooseSchemes(scenario, schemes).map((choice) => {
    const { rows } = runScenario({
      ...{ scenario, choice, seed: scenario.seed, repetition: 0 },
      replayCommand: `nseh run scenarios/paper/${file}.yaml --scheme ${choice.name}`,
    });
    const [times] = migrationTimes(rows.phases);
    return times === undefined ? NaN : (downtimeNs(times) ?? NaN) / ms;
  });
}
