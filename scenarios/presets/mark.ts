import type { PlanName, Provenance, Scheme } from '../../models/migration/scheme.ts';

/** Where the value of one field comes from, and the source itself in words. */
export interface Mark {
  readonly provenance: Provenance;
  readonly source: string;
}

/** A mark for every field of a plan; null for a field that has no effect with the other values of the scheme. */
export type PlanMarks<Plan> = { readonly [Field in keyof Plan]: Mark | null };

/** A mark for every field of a scheme; the memory plan counts as one. */
export type SchemeMarks = { readonly memory: Mark } & {
  readonly [Part in PlanName]: PlanMarks<Scheme[Part]>;
};

/** The mark of a field, as the models name it; null for one that has none. */
export function markIn(marks: SchemeMarks, part: PlanName, field: string): Mark | null {
  const byName: Readonly<Record<string, Mark | null>> = { ...marks[part] };
  return byName[field] ?? null;
}

export function published(source: string): Mark {
  return { provenance: 'published', source };
}

export function readInSource(source: string): Mark {
  return { provenance: 'read in source', source };
}

export function assumed(source: string): Mark {
  return { provenance: 'assumed', source };
}

/** What a scenario says itself rests on nothing but that. */
export function ownValue(source: string): Mark {
  return { provenance: 'own', source };
}

/** How many fields have an effect, and how many of those are assumed. */
export interface FieldCount {
  readonly assumed: number;
  readonly fields: number;
  /** How many a scenario says itself. */
  readonly own: number;
}

export function countMarks({ memory, ...plans }: SchemeMarks): FieldCount {
  const marks: readonly (Mark | null)[] = [memory, ...Object.values(plans).flatMap(marksOf)];
  const effective = marks.filter((mark) => mark !== null);
  const count = (wanted: Provenance): number =>
    effective.filter(({ provenance }) => provenance === wanted).length;
  return { assumed: count('assumed'), fields: effective.length, own: count('own') };
}

function marksOf(plan: object): (Mark | null)[] {
  return Object.values(plan) as (Mark | null)[];
}
