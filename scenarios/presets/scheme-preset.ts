import type { MemoryPlan } from '../../models/migration/memory/memory-plan.ts';
import type { PlanName, Scheme } from '../../models/migration/scheme.ts';
import { hasEffect } from '../field-effects.ts';
import { defaultMemory } from './memory-presets.ts';
import type { MemoryPreset } from './memory-presets.ts';
import type { Mark, PlanMarks, SchemeMarks } from './mark.ts';

/** A named scheme: what it does, and where each of its fields comes from. */
export interface SchemePreset {
  readonly scheme: Scheme;
  readonly summary: string;
  readonly marks: SchemeMarks;
}

/** A field's value beside its mark, as presets are written. */
export type Marked<Plan> = { readonly [Field in keyof Plan]: readonly [Plan[Field], Mark | null] };

/** The plans of a preset with their marks, without memory, which every preset takes from the same default. */
export type MarkedPlans = {
  readonly [Part in PlanName]: Marked<Scheme[Part]>;
};

/** A preset from its parts; `memory` where a way of moving memory is part of what it is. */
export function schemePreset(
  name: string,
  summary: string,
  plans: MarkedPlans,
  memory: MemoryPreset = defaultMemory,
): SchemePreset {
  const scheme: Scheme = {
    name,
    memory: memory.plan,
    selection: valuesOf(plans.selection),
    context: valuesOf(plans.context),
    transport: valuesOf(plans.transport),
    inFlight: valuesOf(plans.inFlight),
    cutover: valuesOf(plans.cutover),
    reconcile: valuesOf(plans.reconcile),
    cleanup: valuesOf(plans.cleanup),
  };
  const marks: SchemeMarks = {
    memory: memory.mark,
    selection: marksOf(scheme, 'selection', plans.selection),
    context: marksOf(scheme, 'context', plans.context),
    transport: marksOf(scheme, 'transport', plans.transport),
    inFlight: marksOf(scheme, 'inFlight', plans.inFlight),
    cutover: marksOf(scheme, 'cutover', plans.cutover),
    reconcile: marksOf(scheme, 'reconcile', plans.reconcile),
    cleanup: marksOf(scheme, 'cleanup', plans.cleanup),
  };
  return { summary, scheme, marks };
}

// The two loops below do what their types say, which the compiler cannot see.

function valuesOf<Plan>(marked: Marked<Plan>): Plan {
  const pairs = Object.entries<readonly [unknown, Mark | null]>(marked);
  return Object.fromEntries(pairs.map(([field, [value]]) => [field, value])) as Plan;
}

/** A field that makes no difference beside the others has no mark, whatever was written beside it. */
function marksOf<Plan>(scheme: Scheme, part: keyof MarkedPlans, marked: Marked<Plan>): PlanMarks<Plan> {
  const pairs = Object.entries<readonly [unknown, Mark | null]>(marked);
  const marks = pairs.map(([field, [, mark]]) => [
    field,
    hasEffect(scheme, `${part}.${field}`) ? mark : null,
  ]);
  return Object.fromEntries(marks) as PlanMarks<Plan>;
}

/** The scheme with a scenario's memory plan, unless its own is part of what it is. */
export function withDefaultMemory(scheme: Scheme, memory: MemoryPlan): Scheme {
  return scheme.memory === defaultMemory.plan ? { ...scheme, memory } : scheme;
}
