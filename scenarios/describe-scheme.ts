import { fieldList } from './field-list.ts';
import { inlineText } from './inline-text.ts';
import { modelNames } from './file/plan.ts';
import { mappingsOfScheme } from './file/scheme-file.ts';
import { countMarks, markIn } from './presets/mark.ts';
import type { Mark } from './presets/mark.ts';
import type { SchemePreset } from './presets/scheme-preset.ts';
import { writeScheme } from './spell-out.ts';

/** One field of a preset for the reader: as a file would say it, what it means, where its value comes from. */
export interface DescribedField {
  readonly part: string;
  readonly field: string;
  readonly value: string;
  readonly means: string;
  /** Null for a field without effect in this scheme. */
  readonly mark: Mark | null;
}

/** A preset field by field, memory as one. */
export function describeScheme({ scheme, marks }: SchemePreset): DescribedField[] {
  const written = writeScheme(scheme);
  const means = new Map(fieldList().map((field) => [field.path, field.means]));
  const memory: DescribedField = {
    part: 'memory',
    field: 'memory',
    value: scheme.memory.kind,
    means: 'how memory is copied',
    mark: marks.memory,
  };
  return [
    memory,
    ...mappingsOfScheme().flatMap(({ key, schema, part }) => {
      const names = modelNames(schema);
      return Object.entries(names).map(([field, modelName]) => ({
        part: key,
        field,
        value: inlineText(valueAt(written, key, field)),
        means: means.get(`schemes[].${key}.${field}`) ?? '',
        mark: markIn(marks, part, modelName),
      }));
    }),
  ];
}

/** `n of m fields assumed`, as tables show it beside a scheme's name, and how many a scenario says itself. */
export function assumedText({ marks }: SchemePreset): string {
  const { assumed, fields, own } = countMarks(marks);
  return `${assumed} of ${fields} fields assumed${own === 0 ? '' : `, ${own} the scenario’s own`}`;
}

function valueAt(written: unknown, ...keys: readonly string[]): unknown {
  let value = written;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.entries(value).find(([name]) => name === key)?.[1];
  }
  return value;
}
