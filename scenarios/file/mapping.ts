import { z } from 'zod';
import { show } from './scalar.ts';

/**
 * A mapping with exactly these keys. For an unknown key the message lists the known ones, from which
 * `file-problems.ts` makes one problem per key.
 */
export function mapping<T extends z.core.$ZodLooseShape>(shape: T): z.ZodObject<T, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code === 'unrecognized_keys') return Object.keys(shape).join(', ');
      if (issue.input === undefined) return 'is missing';
      return `${show(issue.input)} is not a mapping of keys to values`;
    },
  });
}

/** A list of such items. */
export function list<T extends z.core.$ZodType>(item: T): z.ZodReadonly<z.ZodArray<T>> {
  const array = z.array(item, {
    error: (issue) => (issue.input === undefined ? 'is missing' : `${show(issue.input)} is not a list`),
  });
  return array.readonly();
}

/** One of several mappings, told apart by their `kind`. */
export function kinds<
  const T extends readonly [z.core.$ZodTypeDiscriminable, ...z.core.$ZodTypeDiscriminable[]],
>(options: T): z.ZodDiscriminatedUnion<T> {
  return z.discriminatedUnion('kind', options, {
    error: (issue) => (issue.input === undefined ? 'is missing' : `${show(issue.input)} has no known kind`),
  });
}
