import type { Scheme } from '../models/migration/scheme.ts';
import type { Scenario } from './scenario.ts';

/** The same scenario with every migration under another scheme: what a comparison varies. */
export function withScheme(scenario: Scenario, scheme: Scheme): Scenario {
  return { ...scenario, migrations: scenario.migrations.map((migration) => ({ ...migration, scheme })) };
}

/** The scheme of that name that the scenario knows, `undefined` without one. */
export function schemeNamed(scenario: Scenario, name: string): Scheme | undefined {
  return scenario.schemes.find((scheme) => scheme.name === name);
}
