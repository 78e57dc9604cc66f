import { assert } from '../../sim/assert.ts';
import { ms } from '../../sim/time.ts';
import { loadScenario } from '../../scenarios/load-scenario.ts';
import { chooseSchemes } from '../choose-schemes.ts';
import type { ConnectionMeasures } from '../connection-table.ts';
import { downtimeNs } from '../measures/downtime.ts';
import { migrationTimes } from '../measures/migration-times.ts';
import { runScenario } from '../run-scenario.ts';
import type { RunResult } from '../run-result.ts';
import type { RunSummary } from '../summary.ts';
import { schemeRuns } from './com-runs.ts';
import { paperFile } from './run-paper.ts';

/** One scheme on a case's file, measured against the same without a move. */
export interface ContextRun {
  readonly run: RunResult;
  readonly summary: RunSummary;
  readonly connections: readonly ConnectionMeasures[];
}

/** Runs a case's file under each of these schemes, as `nseh compare` does. Gives the run of a scheme by its name. */
export function runContext(
  file: string,
  schemes: readonly string[],
  overrides: readonly string[] = [],
): (scheme: string) => ContextRun {
  const ran = schemeRuns({ name: file, schemes, overrides });
  const runs = new Map(
    ran.map(({ scheme, pair: { run, connections }, summary }): [string, ContextRun] => [
      scheme,
      { run, summary, connections },
    ]),
  );
  return (scheme) => {
    const run = runs.get(scheme);
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

/** Connections of a workload. */
export function connectionsOf({ connections }: ContextRun, workload: string): ConnectionMeasures[] {
  const own = connections.filter(({ opened }) => opened.workload === workload);
  assert(own.length > 0, 'a case names its workloads');
  return own;
}

/** Share of a workload's connections that go on, none of them opened again; 1 where all do. */
export function shareAlive(run: ContextRun, workload: string): number {
  const own = connectionsOf(run, workload);
  const alive = own.filter(({ outcome: { kind } }) => kind === 'untouched' || kind === 'stalled');
  return alive.length / own.length;
}
