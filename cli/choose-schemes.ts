import { ScenarioError } from '../sim/assert.ts';
import type { Scheme } from '../models/migration/scheme.ts';
import { suggestion } from '../scenarios/did-you-mean.ts';
import { countMarks } from '../scenarios/presets/mark.ts';
import { findSchemePreset } from '../scenarios/presets/scheme-presets.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { control } from '../results/scheme-choice.ts';
import type { FieldMarks, SchemeChoice } from '../results/scheme-choice.ts';

/** The schemes that a command line names: presets, the scenario's own, and `none`. All unknown ones are told at once. */
export function chooseSchemes(scenario: Scenario, names: readonly string[]): SchemeChoice[] {
  const byName = new Map(scenario.schemes.map((scheme) => [scheme.name, scheme]));
  const known = ['none', ...byName.keys()];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new ScenarioError(
      unknown.map((name) => ({
        place: `scheme ${name}`,
        message: `is not known${suggestion(name, known)}`,
        allowed: known.join(', '),
      })),
    );
  }
  return names.map((name) => {
    const scheme = byName.get(name);
    return scheme === undefined ? control : { name, scheme, marks: marksOf(scheme) };
  });
}

/** How much of a scheme is assumed; nothing is said of one that the scenario spells out itself. */
export function marksOf(scheme: Scheme): FieldMarks {
  const preset = findSchemePreset(scheme.name);
  return preset === undefined ? { assumed: 0, fields: 0 } : countMarks(preset.marks);
}
