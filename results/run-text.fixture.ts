import { parseScenario } from '../scenarios/load-scenario.ts';
import type { RunRows } from './run-rows.ts';
import { runScenario } from './run-scenario.ts';
import { noMarks } from './scheme-choice.ts';

/** Runs a scenario that a test spells out, each migration under the scheme that it has there. */
export function runText(text: string): RunRows {
  const { scenario } = parseScenario('s.yaml', text, []);
  const { rows } = runScenario({
    scenario,
    choice: { name: 'as-written', scheme: 'as-written', marks: noMarks },
    seed: 1,
    repetition: 1,
    replayCommand: '',
  });
  return rows;
}
