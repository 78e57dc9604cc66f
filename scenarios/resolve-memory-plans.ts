import { z } from 'zod';
import type { MemoryPlan } from '../models/migration/memory/memory-plan.ts';
import { mayNeverEnd, memoryPlanProblems } from '../models/migration/memory/memory-plan-problems.ts';
import type { FileProblem } from './file/file-problems.ts';
import { memoryPlanFile } from './file/memory-plan-file.ts';
import type { ParsedFile } from './parse-file.ts';
import type { ResolveProblems } from './resolve-problems.ts';
import type { Scenario } from './scenario.ts';
import type { FieldPath } from './source-problem.ts';

/** Notes the rates and sizes of the file's memory plans with which nothing can be sent. */
export function checkMemoryPlans(parsed: ParsedFile, problems: ResolveProblems): void {
  const told = new Set<string>();
  for (const { plan, path } of plansOf(parsed)) {
    for (const { place, message, allowed } of memoryPlanProblems(plan, '')) {
      // A mistake in a plan is told once, not again for each scheme that takes it over.
      if (told.has(place)) continue;
      told.add(place);
      problems.add([...path, ...asWritten(plan, place.split('.').slice(1))], message, allowed);
    }
  }
}

/** Migrations that nothing ends when their guest writes too fast: no rule of their plan, no limit of the file. */
export function endlessPlans({ migrations }: Scenario, parsed: ParsedFile): FileProblem[] {
  const endless = new Set(
    migrations
      .filter(({ scheme, giveUpNs }) => giveUpNs === Infinity && mayNeverEnd(scheme.memory))
      .map(({ scheme }) => scheme.name),
  );
  return [...endless].map((name) => {
    const own = plansOf(parsed).find(({ scheme }) => scheme === name);
    return {
      path: own?.path ?? ['migration_defaults', 'memory'],
      atKey: true,
      message: `under ${name}, a migration whose guest writes too fast goes on until the run ends`,
      allowed: '`limits` in the memory plan, or `give_up` of the migration',
    };
  });
}

interface PlacedPlan {
  /** The scheme of the file to which it belongs; null for the default of the file. */
  readonly scheme: string | null;
  readonly plan: MemoryPlan;
  readonly path: FieldPath;
}

function plansOf({ file, pathOf }: ParsedFile): PlacedPlan[] {
  const { memory } = file.migration_defaults;
  const byDefault =
    memory === undefined ? [] : [{ scheme: null, plan: memory, path: ['migration_defaults', 'memory'] }];
  const own = file.schemes.map(({ name, memory: plan }, index) => {
    return { scheme: name, plan, path: [...pathOf('schemes', index), 'memory'] };
  });
  return [...byDefault, ...own];
}

/** The keys of the file for names of the models: a plan has its fields in the same order in both. */
function asWritten(plan: MemoryPlan, names: readonly string[]): string[] {
  let model: unknown = plan;
  let written: unknown = z.encode(memoryPlanFile, plan);
  return names.map((name) => {
    const index = Object.keys(model as object).indexOf(name);
    model = Object.values(model as object)[index];
    const [key, value] = Object.entries(written as object)[index] as [string, unknown];
    written = value;
    return key;
  });
}
