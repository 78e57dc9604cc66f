import { z } from 'zod';
import { scenarioFile } from './file/scenario-file.ts';
import { inlineText } from './inline-text.ts';

/** One thing that may be written in a scenario file. */
export interface FieldEntry {
  /** `hosts[].link.rate`; a key that only one kind of a mapping has names the kind: `workloads[].think (request-response)`. */
  readonly path: string;
  readonly key: string;
  readonly means: string;
  /** What may be written, in words; empty for mappings and lists. */
  readonly allowed: string;
  /** The default as a file would say it, `required`, or empty where leaving it out has a meaning of its own. */
  readonly byDefault: string;
}

/** Every field of a scenario file, in the order of the schema: what the documentation and `explain` show. */
export function fieldList(): FieldEntry[] {
  return fieldsBelow(scenarioFile, { path: '', kind: '', seen: new Map() });
}

/** The kinds of a closed union and what each means. */
export interface KindEntry {
  readonly name: string;
  readonly summary: string;
}

/** The kinds among which a list or mapping of the schema chooses. */
export function kindsOf(schema: z.core.$ZodType): KindEntry[] {
  const union = unwrapped(schema).schema;
  if (!(union instanceof z.ZodDiscriminatedUnion)) return [];
  return union.options.flatMap((option) => {
    const { schema: inner } = unwrapped(option);
    if (!(inner instanceof z.ZodObject)) return [];
    const kind: unknown = inner.shape['kind'];
    if (!(kind instanceof z.ZodLiteral)) return [];
    return [{ name: String(kind.value), summary: kind.meta()?.description ?? '' }];
  });
}

interface Where {
  readonly path: string;
  /** The kind of the mapping around it, empty where there is but one. */
  readonly kind: string;
  /** Where a mapping was listed already, so that it is listed once. */
  readonly seen: Map<z.core.$ZodType, string>;
}

function fieldsBelow(schema: z.core.$ZodType, where: Where): FieldEntry[] {
  const { schema: inner } = unwrapped(schema);
  const { path, seen } = where;
  if (inner instanceof z.ZodArray) return fieldsBelow(inner.element, { ...where, path: `${path}[]` });
  if (inner instanceof z.ZodRecord) return fieldsBelow(inner.valueType, { ...where, path: `${path}.<name>` });
  if (seen.has(inner)) return [];
  if (inner instanceof z.ZodDiscriminatedUnion) {
    seen.set(inner, path);
    const kinds = kindsOf(inner);
    return inner.options.flatMap((option, index) => {
      const fields = fieldsBelow(option, { ...where, kind: kinds[index]?.name ?? '' });
      return index === 0 ? fields : fields.filter((field) => field.path !== `${path}.kind`);
    });
  }
  if (inner instanceof z.ZodUnion) return inner.options.flatMap((option) => fieldsBelow(option, where));
  if (!(inner instanceof z.ZodObject)) return [];
  seen.set(inner, path);
  return Object.entries(inner.shape as Readonly<Record<string, z.core.$ZodType>>).flatMap(([key, value]) => {
    const at = path === '' ? key : `${path}.${key}`;
    return [entryOf(value, key, { ...where, path: at }), ...fieldsBelow(value, { path: at, kind: '', seen })];
  });
}

function entryOf(schema: z.core.$ZodType, key: string, { path, kind, seen }: Where): FieldEntry {
  const { schema: inner, notes, byDefault } = unwrapped(schema);
  const kinds = kindsOf(inner).map(({ name }) => name);
  const literal = inner instanceof z.ZodLiteral;
  const before = mappingsIn(inner).flatMap((part) => seen.get(part) ?? []);
  const as = before.map((other) => `fields as in \`${other}\``);
  return {
    path: kind === '' || literal ? path : `${path} (${kind})`,
    key,
    means: [literal ? 'which kind' : textOf(notes['description']), ...as]
      .filter((part) => part !== '')
      .join('; '),
    allowed: literal ? 'one of the kinds' : textOf(notes['allowed']) || itemsOf(inner) || kinds.join(', '),
    byDefault,
  };
}

/** What each item of a list may be, where it is a single value. */
function itemsOf(schema: z.core.$ZodType): string {
  if (!(schema instanceof z.ZodArray)) return '';
  const allowed = textOf(unwrapped(schema.element).notes['allowed']);
  return allowed === '' ? '' : `a list, each ${allowed}`;
}

/** The mapping or union of mappings that a schema is, or that its items or alternatives are. */
function mappingsIn(schema: z.core.$ZodType): z.core.$ZodType[] {
  const { schema: inner } = unwrapped(schema);
  if (inner instanceof z.ZodArray) return mappingsIn(inner.element);
  if (inner instanceof z.ZodObject || inner instanceof z.ZodDiscriminatedUnion) return [inner];
  return inner instanceof z.ZodUnion ? inner.options.flatMap(mappingsIn) : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

interface Unwrapped {
  readonly schema: z.core.$ZodType;
  readonly notes: Readonly<Record<string, unknown>>;
  readonly byDefault: string;
}

/** Looks through defaults, optional and read-only wrappers and codecs; the outermost notes win. */
function unwrapped(schema: z.core.$ZodType): Unwrapped {
  let notes = notesOf(schema);
  let byDefault = 'required';
  let inner = schema;
  for (;;) {
    const next = innerOf(inner);
    if (next === undefined) return { schema: inner, notes, byDefault };
    byDefault = defaultOf(inner) ?? byDefault;
    inner = next;
    notes = { ...notesOf(inner), ...notes };
  }
}

function innerOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return schema.def.innerType;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodReadonly) return schema.def.innerType;
  // A codec around a mapping is shown as the mapping, one around a single value as itself.
  if (schema instanceof z.ZodPipe && !(schema.def.in instanceof z.ZodUnknown)) return schema.def.in;
  return undefined;
}

function defaultOf(schema: z.core.$ZodType): string | undefined {
  if (schema instanceof z.ZodOptional) return '';
  if (schema instanceof z.ZodPrefault) return inlineText(schema.def.defaultValue);
  if (!(schema instanceof z.ZodDefault)) return undefined;
  return inlineText(z.encode(schema.def.innerType, schema.def.defaultValue));
}

function notesOf(schema: z.core.$ZodType): Readonly<Record<string, unknown>> {
  return z.globalRegistry.get(schema) ?? {};
}
