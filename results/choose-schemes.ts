import { ScenarioError } from '../sim/assert.ts';
import type { Problem } from '../sim/assert.ts';
import type { Scheme } from '../models/migration/scheme.ts';
import { suggestion } from '../scenarios/did-you-mean.ts';
import { countMarks } from '../scenarios/presets/mark.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { moveContradictions } from '../scenarios/move-contradictions.ts';
import { schemeContradictions } from '../scenarios/scheme-contradictions.ts';
import { marksOfScheme } from '../scenarios/scheme-marks.ts';
import { control, noMarks } from './scheme-choice.ts';
import type { FieldMarks, SchemeChoice } from './scheme-choice.ts';

/** The schemes that a command line names: presets, the scenario's own, and `none`. All unknown ones are told at once. */
export function chooseSchemes(scenario: Scenario, names: readonly string[]): SchemeChoice[] {
  const problems = [...unknownSchemes(scenario, names), ...contradictorySchemes(scenario, names)];
  if (problems.length > 0) throw new ScenarioError(problems);
  const byName = new Map(scenario.schemes.map((scheme) => [scheme.name, scheme]));
  return names.map((name) => {
    const scheme = byName.get(name);
    return scheme === undefined ? control : { name, scheme, marks: marksOf(scheme, scenario) };
  });
}

/** One problem for each name that neither the presets nor the scenario know. */
export function unknownSchemes(scenario: Scenario, names: readonly string[]): Problem[] {
  const known = ['none', ...scenario.schemes.map(({ name }) => name)];
  return [...new Set(names)]
    .filter((name) => !known.includes(name))
    .map((name) => ({
      place: name === '' ? 'a scheme without a name' : `scheme ${name}`,
      message: `is not known${suggestion(name, known)}`,
      allowed: known.join(', '),
    }));
}

/** One problem for each thing that a named scheme says against itself, or against the scenario's VMs and engines. */
function contradictorySchemes(scenario: Scenario, names: readonly string[]): Problem[] {
  const { schemes, hosts, migrations, modules } = scenario;
  const world = { hosts, routes: migrations, ownEngines: modules.length > 0 };
  return schemes
    .filter(({ name }) => names.includes(name))
    .flatMap((scheme) => [
      ...schemeContradictions(scheme, world).map(({ field, message, allowed }) => ({
        place: `scheme ${scheme.name}, ${field.join('.')}`,
        message,
        allowed,
      })),
      ...contradictoryMoves(scheme, scenario),
    ]);
}

/** What the migrations of the scenario would meet under the scheme, each thing once. */
function contradictoryMoves(scheme: Scheme, { hosts, migrations, virtualMachines }: Scenario): Problem[] {
  const vms = new Map(virtualMachines.map((vm) => [vm.name, vm]));
  const found = new Map<string, Problem>();
  for (const migration of migrations) {
    const vm = vms.get(migration.vm);
    if (vm === undefined) continue;
    for (const { message, allowed } of moveContradictions(scheme, vm, migration, hosts)) {
      const place = `scheme ${scheme.name}, migration ${migration.name}`;
      if (!found.has(message)) found.set(message, { place, message, allowed });
    }
  }
  return [...found.values()];
}

/** Every migration under the scheme that the scenario gives it; named after it when all have the same. */
export function asWritten(scenario: Scenario): SchemeChoice {
  const schemes = scenario.migrations.map(({ scheme }) => scheme);
  const [first] = schemes;
  if (first === undefined) return control;
  const one = schemes.every(({ name }) => name === first.name);
  if (one) return { name: first.name, scheme: first, marks: marksOf(first, scenario) };
  const each = schemes.map((scheme) => marksOf(scheme, scenario));
  return {
    name: 'as-written',
    scheme: 'as-written',
    marks: {
      assumed: Math.max(...each.map(({ assumed }) => assumed)),
      fields: Math.max(...each.map(({ fields }) => fields)),
    },
  };
}

/** How much of a scheme is assumed; nothing is said of one that the scenario does not know. */
function marksOf({ name }: Scheme, scenario: Scenario): FieldMarks {
  const marks = marksOfScheme(name, scenario);
  return marks === null ? noMarks : countMarks(marks);
}
