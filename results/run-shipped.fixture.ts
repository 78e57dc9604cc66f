import { loadScenario } from '../scenarios/load-scenario.ts';
import { ScenarioError } from '../sim/assert.ts';
import { compareSchemes } from './compare.ts';
import { noMarks } from './scheme-choice.ts';
import type { PairedRun, RunSummary } from './summary.ts';

/** A run beside the run without migration that it is paired with, and what it comes to. */
export interface ShippedRun {
  readonly summary: RunSummary;
  readonly pair: PairedRun;
}

/** Runs a file of `scenarios/`, named without ending, under one of its schemes; for tests of what shipped files show. */
export function runShipped(file: string, name: string, overrides: readonly string[] = []): ShippedRun {
  const { scenario } = loadScenario(`scenarios/${file}.yaml`, overrides);
  const scheme = scenario.schemes.find((candidate) => candidate.name === name);
  if (scheme === undefined) {
    const allowed = scenario.schemes.map((candidate) => candidate.name).join(', ');
    throw new ScenarioError([{ place: file, message: `has no scheme ${name}`, allowed }]);
  }
  const pairs: PairedRun[] = [];
  const { schemes } = compareSchemes({
    scenario,
    seed: scenario.seed,
    repetition: 0,
    choices: [{ name, scheme, marks: noMarks }],
    replayCommand: () => '',
    watch: { finish: (pair) => pairs.push(pair) },
  });
  return { summary: schemes[0]!, pair: pairs[0]! };
}

/** What became of the connections of a workload: each outcome once, in order. */
export function outcomesOf({ connections }: PairedRun, workload: string): string[] {
  const own = connections.filter(({ opened }) => opened.workload === workload);
  return [...new Set(own.map(({ outcome }) => outcome.kind))].sort();
}
