import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { milliseconds } from '../../sim/time.ts';
import { findSchemePreset } from '../../scenarios/presets/scheme-presets.ts';
import { ComparisonStore } from '../comparison-store.ts';
import { compareSchemes } from '../compare.ts';
import { handMadeScenario } from '../hand-made-scenario.fixture.ts';
import { control } from '../scheme-choice.ts';
import type { SchemeChoice } from '../scheme-choice.ts';

/** Runs the hand-made scenario under these schemes and lends the comparison's directory, for tests. */
export function withComparison(schemes: readonly string[], use: (directory: string) => void): void {
  const out = mkdtempSync(join(tmpdir(), 'nseh-report-'));
  try {
    use(makeComparison(out, schemes));
  } finally {
    rmSync(out, { recursive: true });
  }
}

/** The same, into a directory that stays; returns where. */
export function makeComparison(out: string, schemes: readonly string[]): string {
  const scenario = { ...handMadeScenario('com-rounds'), untilNs: milliseconds(5000) };
  const choices: SchemeChoice[] = schemes.map((name) => {
    const scheme = findSchemePreset(name)?.scheme;
    return scheme === undefined ? control : { name, scheme, marks: { assumed: 1, fields: 2 } };
  });
  const subject = { out, scenario, choices, seed: 1, repetition: 0, force: true, wanted: [] };
  const store = new ComparisonStore(subject);
  const meta = { started: '', wall_ms: 0, host: '', arguments: [] };
  const comparison = compareSchemes({
    ...{ scenario, choices, seed: 1, repetition: 0, replayCommand: () => '' },
    watch: {
      finish: (pair, summary) => store.saveRun({ pair, summary, meta, extra: new Map() }),
    },
  });
  store.saveComparison(comparison, new Map());
  return store.directory;
}
