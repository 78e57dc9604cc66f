import type { Observations } from '../models/observations.ts';
import type { Additions } from '../scenarios/additions.ts';
import type { Instruments } from '../scenarios/instruments.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { runScenario } from './run-scenario.ts';
import type { RunResult } from './run-result.ts';
import { control } from './scheme-choice.ts';
import type { SchemeChoice } from './scheme-choice.ts';
import { pairRuns, summarizeRun } from './summary.ts';
import type { PairedRun, RunSummary } from './summary.ts';

export interface CompareRequest {
  readonly scenario: Scenario;
  /** What the scenario's modules, or the caller, add; nothing where it is left out. */
  readonly additions?: Additions | undefined;
  readonly seed: number;
  readonly repetition: number;
  readonly choices: readonly SchemeChoice[];
  readonly replayCommand: (schemeName: string) => string;
  readonly watch?: CompareWatch;
}

/** Those who follow a comparison while it runs, each with what it wants to know. */
export interface CompareWatch {
  /** Told before each run. */
  begin?(schemeName: string): void;
  /** May subscribe to what a scheme's run publishes. */
  readonly listen?: ((schemeName: string, observations: Observations) => void) | undefined;
  /** What looks into a scheme's cluster while it runs. */
  instruments?(schemeName: string): Instruments;
  /** Gets each scheme's run as soon as it is measured, so that its rows need not be kept. */
  finish?(pair: PairedRun, summary: RunSummary): void;
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
  const controlRun = runOne(request, control);
  const schemes = request.choices.map((choice) => {
    const run = choice.scheme === null ? controlRun : runOne(request, choice);
    const pair = pairRuns(run, controlRun);
    const summary = summarizeRun(pair);
    request.watch?.finish?.(pair, summary);
    return summary;
  });
  return { scenario: scenario.name, seed, repetition, schemes };
}

function runOne(
  { scenario, additions, seed, repetition, replayCommand, watch }: CompareRequest,
  choice: SchemeChoice,
): RunResult {
  watch?.begin?.(choice.name);
  return runScenario({
    scenario,
    choice,
    additions,
    seed,
    repetition,
    replayCommand: replayCommand(choice.name),
    listen: (observations) => watch?.listen?.(choice.name, observations),
    instruments: watch?.instruments?.(choice.name),
  });
}
