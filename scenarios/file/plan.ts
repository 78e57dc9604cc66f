import { z } from 'zod';
import { mapping } from './mapping.ts';

/** For each key of the file: what the models call it, and its schema. */
export type PlanFields = Readonly<Record<string, readonly [string, z.core.$ZodType]>>;

type FileShape<Fields extends PlanFields> = { [Key in keyof Fields]: Fields[Key][1] };

/** The record of the models: their names, the values that the schemas read. */
export type PlanOf<Fields extends PlanFields> = {
  readonly [Key in keyof Fields as Fields[Key][0]]: z.core.output<Fields[Key][1]>;
};

/**
 * A mapping in the file that is a record of the models under other names (`lag` is `lagNs`), readable and
 * writable both ways, so that a preset can be shown, copied and overridden as a file would say it.
 */
export function plan<const Fields extends PlanFields>(
  fields: Fields,
): z.ZodCodec<z.ZodObject<FileShape<Fields>, z.core.$strict>, z.ZodCustom<PlanOf<Fields>, PlanOf<Fields>>> {
  const names = Object.entries(fields).map(([key, [modelName]]) => ({ key, modelName }));
  const shape = Object.fromEntries(Object.entries(fields).map(([key, [, schema]]) => [key, schema]));
  type Written = z.output<z.ZodObject<FileShape<Fields>, z.core.$strict>>;
  // The types above say the same as these loops, which the compiler cannot see.
  const codec = z.codec(mapping(shape as FileShape<Fields>), z.custom<PlanOf<Fields>>(), {
    decode: (written) => {
      const values = written as Readonly<Record<string, unknown>>;
      return Object.fromEntries(
        names.map(({ key, modelName }) => [modelName, values[key]]),
      ) as PlanOf<Fields>;
    },
    encode: (record) => {
      const values = record as Readonly<Record<string, unknown>>;
      return Object.fromEntries(names.map(({ key, modelName }) => [key, values[modelName]])) as Written;
    },
  });
  return codec.meta({ names: Object.fromEntries(names.map(({ key, modelName }) => [key, modelName])) });
}

/** For each key of the file, what the models call it; nothing for a schema that is no plan. */
export function modelNames(schema: z.core.$ZodType): Readonly<Record<string, string>> {
  const names: unknown = z.globalRegistry.get(schema)?.['names'];
  return typeof names === 'object' && names !== null ? (names as Readonly<Record<string, string>>) : {};
}
