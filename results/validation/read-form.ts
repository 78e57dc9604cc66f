import type { z } from 'zod';
import { ScenarioError } from '../../sim/assert.ts';

/** The data in the form of a recording; a {@link ScenarioError} names every place that is not of it. */
export function readForm<T>(schema: z.ZodType<T>, data: unknown, allowed: string): T {
  const read = schema.safeParse(data);
  if (read.success) return read.data;
  throw new ScenarioError(
    read.error.issues.map(({ path, message }) => ({ place: path.join('.') || 'the file', message, allowed })),
  );
}
