import type { Scheme } from '../models/migration/scheme.ts';
import type { DerivedScheme } from './derived-schemes.ts';
import { hasEffect } from './field-effects.ts';
import { modelNames } from './file/plan.ts';
import { mappingsOfScheme } from './file/scheme-file.ts';
import { assumed, markIn, ownValue } from './presets/mark.ts';
import type { Mark, SchemeMarks } from './presets/mark.ts';
import { findSchemePreset } from './presets/scheme-presets.ts';

/** What is known of the schemes that a scenario may use. */
export interface KnownSchemes {
  readonly schemes: readonly Scheme[];
  readonly derivedSchemes: readonly DerivedScheme[];
}

/**
 * Where the fields of a scheme come from: a preset's as it says; one of the file's as those of its base, but for the
 * values that it says itself. Null for a name that is not known.
 */
export function marksOfScheme(name: string, known: KnownSchemes): SchemeMarks | null {
  const preset = findSchemePreset(name);
  if (preset !== undefined) return preset.marks;
  const derived = known.derivedSchemes.find((candidate) => candidate.name === name);
  const scheme = known.schemes.find((candidate) => candidate.name === name);
  if (derived === undefined || scheme === undefined) return null;
  const base = known.schemes.find((candidate) => candidate.name === derived.basedOn);
  const baseMarks = base === undefined ? null : marksOfScheme(base.name, known);
  const own = new Set(derived.own);
  const parts = mappingsOfScheme().map(({ key, part, schema }) => {
    const marks = Object.entries(modelNames(schema)).map(([written, field]) => {
      const saysItself = baseMarks === null || own.has(`${key}.${written}`);
      const before = saysItself ? ownMark : markIn(baseMarks, part, field);
      return [field, effective(before, { scheme, base, field: `${part}.${field}` })] as const;
    });
    return [part, Object.fromEntries(marks)] as const;
  });
  const memory = baseMarks === null || own.has('memory') ? ownMark : baseMarks.memory;
  // The loops above go over the keys of the type, which the compiler cannot see.
  return { memory, ...Object.fromEntries(parts) } as SchemeMarks;
}

const ownMark = ownValue('the scenario file says so');

interface Place {
  readonly scheme: Scheme;
  readonly base: Scheme | undefined;
  readonly field: Parameters<typeof hasEffect>[1];
}

/** A field that loses its effect with the scenario's values has no mark; one that gains it rests on its base's value. */
function effective(mark: Mark | null, { scheme, base, field }: Place): Mark | null {
  const works = hasEffect(scheme, field);
  const worked = base !== undefined && hasEffect(base, field);
  if (!works && (worked || mark === ownMark)) return null;
  if (works && !worked && mark === null && base !== undefined)
    return assumed(`as ${base.name} has it, where it makes no difference`);
  return mark;
}
