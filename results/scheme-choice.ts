import type { Scheme } from '../models/migration/scheme.ts';
import type { Scenario } from '../scenarios/scenario.ts';

/** Under which scheme a run's VMs migrate, with the name that it is shown under. */
export interface SchemeChoice {
  readonly name: string;
  /** The scheme of every migration; each migration's own; or null: nothing migrates. */
  readonly scheme: Scheme | 'as-written' | null;
  readonly marks: FieldMarks;
}

/** How many fields of a scheme rest on an assumption, of how many. */
export interface FieldMarks {
  readonly assumed: number;
  readonly fields: number;
}

/** The run without migration, with which every other is paired. */
export const control: SchemeChoice = { name: 'none', scheme: null, marks: { assumed: 0, fields: 0 } };

/** Every migration under the scheme that the scenario gives it; named after it when all have the same. */
export function asWritten(
  scenario: Scenario,
  marks: (scheme: Scheme, scenario: Scenario) => FieldMarks,
): SchemeChoice {
  const schemes = scenario.migrations.map(({ scheme }) => scheme);
  const [first] = schemes;
  if (first === undefined) return control;
  const one = schemes.every(({ name }) => name === first.name);
  if (one) return { name: first.name, scheme: first, marks: marks(first, scenario) };
  const each = schemes.map((scheme) => marks(scheme, scenario));
  return {
    name: 'as-written',
    scheme: 'as-written',
    marks: {
      assumed: Math.max(...each.map(({ assumed }) => assumed)),
      fields: Math.max(...each.map(({ fields }) => fields)),
    },
  };
}
