// A scheme of your own: CoM with the context in one piece, whose entries take four times the bytes. A scheme is data,
// so a changed copy of a preset is a scheme.
import { compareSchemes, control, findSchemePreset, loadScenario } from '../nseh.ts';
import type { RunSummary, SchemeChoice } from '../nseh.ts';

/** The summaries of no migration, the preset, and the scheme made from it. */
export function compareOwnScheme(scenarioFile: string, overrides: readonly string[]): readonly RunSummary[] {
  const { scenario } = loadScenario(scenarioFile, overrides);
  const preset = findSchemePreset('com-stop');
  if (preset === undefined) throw new Error('com-stop is a preset');
  const own = {
    ...preset.scheme,
    name: 'com-stop-large-entries',
    transport: { ...preset.scheme.transport, bytesPerEntry: 4 * preset.scheme.transport.bytesPerEntry },
  };
  const marks = { assumed: 0, fields: 0 };
  const choices: SchemeChoice[] = [
    control,
    { name: preset.scheme.name, scheme: preset.scheme, marks },
    { name: own.name, scheme: own, marks },
  ];
  const comparison = compareSchemes({
    ...{ scenario, seed: scenario.seed, repetition: 0, choices },
    replayCommand: (scheme) => `examples/custom-scheme.ts, ${scheme}`,
  });
  return comparison.schemes;
}
