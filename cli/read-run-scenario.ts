import { loadScenario } from '../scenarios/load-scenario.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { describeProblems } from './describe-problems.ts';
import type { RunOptions } from './run-options.ts';
import type { Screen } from './screen.ts';

/** Reads the scenario of a run with what the command line changes; shows warnings. Throws a ScenarioError. */
export function readRunScenario(file: string, options: RunOptions, screen: Screen): Scenario {
  const until = options.until === undefined ? [] : [`until=${options.until}`];
  const { scenario, warnings } = loadScenario(file, [...options.set, ...until]);
  if (warnings.length > 0) screen.note(describeProblems(warnings, screen, 'warning'));
  return scenario;
}
