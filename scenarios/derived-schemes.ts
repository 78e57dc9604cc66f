import { isMapping } from './is-mapping.ts';
import type { FieldPath } from './source-problem.ts';

/** A scheme of a scenario file: on what it is based, and which values it says itself. */
export interface DerivedScheme {
  readonly name: string;
  /** A preset or an earlier scheme of the file; null for one that is spelled out whole. */
  readonly basedOn: string | null;
  /** As the file names them: `context.lag`, or `memory` for all of it. */
  readonly own: readonly string[];
}

/** The schemes of a file as it writes them, before anything is filled in. */
export function derivedSchemes(written: unknown): DerivedScheme[] {
  const items = isMapping(written) && Array.isArray(written['schemes']) ? written['schemes'] : [];
  return items.filter(isMapping).flatMap(({ name, based_on: basedOn, ...plans }) => {
    if (typeof name !== 'string') return [];
    const own = Object.entries(plans).flatMap(([key, plan]) => ownFields([key], plan));
    return [{ name, basedOn: typeof basedOn === 'string' ? basedOn : null, own }];
  });
}

/** Memory counts as one; the other plans field by field. */
function ownFields(path: FieldPath, plan: unknown): string[] {
  if (path[0] === 'memory' || !isMapping(plan)) return [path.join('.')];
  return Object.keys(plan).map((field) => [...path, field].join('.'));
}
