import { compareSchemes } from './compare.ts';
import type { Comparison } from './compare.ts';
import { handMadeScenario } from './hand-made-scenario.fixture.ts';
import { makeManifest } from './manifest.ts';
import { runFiles } from './run-files.ts';
import { control, noMarks } from './scheme-choice.ts';
import type { SchemeChoice } from './scheme-choice.ts';
import type { PairedRun, RunSummary } from './summary.ts';

/** One scheme of a comparison by hand: its run, and the files that would be written of it. */
export interface HandMadeRun {
  readonly scheme: string;
  readonly pair: PairedRun;
  readonly summary: RunSummary;
  readonly files: readonly (readonly [name: string, content: string | Uint8Array])[];
}

/** Compares presets, the control before them, on the small world of tests. */
export function compareByHand(schemes: readonly string[], seed = 1): HandMadeRun[] {
  const scenario = handMadeScenario('com-stop');
  const choices: SchemeChoice[] = [control];
  for (const scheme of scenario.schemes) {
    if (schemes.includes(scheme.name)) choices.push({ name: scheme.name, scheme, marks: noMarks });
  }
  const runs: HandMadeRun[] = [];
  const comparison: Comparison = compareSchemes({
    ...{ scenario, seed, repetition: 0, choices, replayCommand: () => '' },
    watch: {
      finish: (pair, summary) => {
        const manifest = makeManifest({ scenario, choices: [pair.run.choice], seed, repetition: 0 });
        const meta = { started: '', wall_ms: 0, host: '', arguments: [] };
        const files = [...runFiles(pair, summary, manifest, meta)];
        runs.push({ scheme: pair.run.choice.name, pair, summary, files });
      },
    },
  });
  return comparison.schemes.map((_, index) => runs[index]!);
}
