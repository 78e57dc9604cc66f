import type { Observations } from '../models/observations.ts';
import type { Scheme } from '../models/migration/scheme.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { controlName, runScenario } from './run-scenario.ts';
import type { RunResult } from './run-result.ts';
import { pairRuns, summarizeRun } from './summary.ts';
import type { FieldMarks, PairedRun, RunSummary } from './summary.ts';

/** One scheme of a comparison; null is the control without migration. */
export interface ComparedScheme {
  readonly scheme: Scheme | null;
  readonly marks: FieldMarks;
}

export interface CompareRequest {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly repetition: number;
  readonly schemes: readonly ComparedScheme[];
  readonly replayCommand: (schemeName: string) => string;
  /** Told before each run. */
  readonly begin: (schemeName: string) => void;
  /** Gives whoever wants to see what a scheme's run publishes. */
  readonly listen: (schemeName: string, observations: Observations) => void;
  /** Gets each scheme's run as soon as it is measured, so that it need not be kept. */
  readonly finish: (pair: PairedRun, summary: RunSummary) => void;
}

/** The same workload under several schemes: what `compare --json` prints. */
export interface Comparison {
  readonly scenario: string;
  readonly seed: number;
  readonly repetition: number;
  readonly schemes: readonly RunSummary[];
}

/**
 * Runs a scenario under each scheme with common random numbers: all see the same seed and repetition, hence the
 * same draws. The control without migration always runs, first, since the measures are paired with it.
 */
export function compareSchemes(request: CompareRequest): Comparison {
  const { scenario, seed, repetition } = request;
  const control = runOne(request, null);
  const schemes = request.schemes.map(({ scheme, marks }) => {
    const run = scheme === null ? control : runOne(request, scheme);
    const pair = pairRuns(run, control, marks);
    const summary = summarizeRun(pair);
    request.finish(pair, summary);
    return summary;
  });
  return { scenario: scenario.name, seed, repetition, schemes };
}

function runOne(request: CompareRequest, scheme: Scheme | null): RunResult {
  const { scenario, seed, repetition } = request;
  const name = scheme?.name ?? controlName;
  request.begin(name);
  return runScenario({
    scenario,
    scheme,
    seed,
    repetition,
    replayCommand: request.replayCommand(name),
    listen: (observations) => request.listen(name, observations),
  });
}
