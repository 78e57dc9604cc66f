import { ScenarioError } from '../sim/assert.ts';
import { loadScenario } from '../scenarios/load-scenario.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { describeProblems } from './describe-problems.ts';
import type { RunOptions } from './run-options.ts';
import type { Screen } from './screen.ts';

/** Reads the scenario of a run with what the command line changes; shows warnings. Throws a ScenarioError. */
export function readRunScenario(file: string, options: RunOptions, screen: Screen): Scenario {
  const until = options.until === undefined ? [] : [`until=${options.until}`];
  const { scenario, warnings } = load(file, [...options.set, ...until]);
  if (warnings.length > 0) screen.note(describeProblems(warnings, screen, 'warning'));
  return scenario;
}

/** The end of a run is set like any other value; what is wrong with it is told of the option that was typed. */
function load(file: string, sets: readonly string[]): ReturnType<typeof loadScenario> {
  try {
    return loadScenario(file, sets);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    throw new ScenarioError(
      error.problems.map((problem) => ({
        ...problem,
        place: problem.place.replace(/^--set until=/, '--until '),
      })),
    );
  }
}
