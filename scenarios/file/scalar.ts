import { z } from 'zod';

/** What reading one value of a file gave, or what is wrong with it. */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly allowed: string };

/** One kind of value that stands in a file as a single number, word or text. */
export interface ScalarForm<T> {
  /** What the field means, for the documentation. */
  readonly means: string;
  /** What may be written, in words. */
  readonly allowed: string;
  /** The same as JSON Schema, for editors. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly read: (input: unknown) => Reading<T>;
  /** The inverse of `read`: a value that reads back as the same. */
  readonly write: (value: T) => unknown;
}

/** What the documentation and the JSON Schema need to know of a field; kept as its zod metadata. */
export interface FieldNotes {
  readonly description: string;
  readonly allowed: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** A schema both ways: reads what the file says, and writes a value back as the file would say it. */
export type Scalar<T> = z.ZodCodec<z.ZodUnknown, z.ZodCustom<T, T>>;

/** The zod schema of a form. All its messages are ours, with what is allowed beside them. */
export function scalar<T>(form: ScalarForm<T>): Scalar<T> {
  const schema = z.codec(z.unknown(), z.custom<T>(), {
    decode: (input, context) => {
      const reading = input === undefined ? missing<T>(form.allowed) : form.read(input);
      if (reading.ok) return reading.value;
      const { message, allowed } = reading;
      context.issues.push({ code: 'custom', message, params: { allowed }, input });
      return z.NEVER;
    },
    encode: form.write,
  });
  const notes: FieldNotes = { description: form.means, allowed: form.allowed, json: form.json };
  return schema.meta({ ...notes });
}

/** What went right. */
export function read<T>(value: T): Reading<T> {
  return { ok: true, value };
}

/** What is wrong, and what would have been right. */
export function wrong<T>(message: string, allowed: string): Reading<T> {
  return { ok: false, message, allowed };
}

function missing<T>(allowed: string): Reading<T> {
  return { ok: false, message: 'is missing', allowed };
}

/** How a value of the wrong type is named in a message. */
export function show(input: unknown): string {
  if (typeof input === 'string') return `"${input.length > 40 ? `${input.slice(0, 37)}...` : input}"`;
  if (input === null || input === undefined) return 'nothing';
  if (Array.isArray(input)) return 'a list';
  return typeof input === 'object' ? 'a mapping' : JSON.stringify(input);
}
