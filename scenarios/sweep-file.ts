import { z } from 'zod';
import { defaults } from './file/defaults.ts';
import { choice, count, flag, formatOne, name, share, text } from './file/field.ts';
import { list, mapping } from './file/mapping.ts';
import { read, scalar, show, wrong } from './file/scalar.ts';
import type { Scalar } from './file/scalar.ts';

/** What may be written in a sweep file. Values of paths stay as they are written: the scenario's schema judges them. */
export const sweepFile = mapping({
  format: formatOne(),
  name: name('name of the sweep; without it that of the file').optional(),
  description: text('what it is about').default(''),
  scenario: text('the scenario that is varied, relative to this file'),
  set: z
    .record(z.string(), anything('value of the scenario'))
    .default({})
    .meta({ description: 'values that differ from the scenario in all runs, by path' }),
  vary: z
    .record(z.string(), anything('values'))
    .default({})
    .meta({ description: 'paths of the scenario, or scheme, and the values that each takes' }),
  zip: z
    .array(z.record(z.string(), anything('values')))
    .default([])
    .meta({ description: 'paths whose values change together: lists of the same length' }),
  where: scalar<readonly string[]>({
    means: 'only combinations for which this holds; several conditions must all hold',
    allowed: 'a condition, such as scheme != stock-drop or entries <= 1000, or a list of them',
    json: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
    read: (input) => {
      const items: readonly unknown[] = Array.isArray(input) ? input : [input];
      const texts = items.filter((item) => typeof item === 'string');
      return texts.length === items.length
        ? read(texts)
        : wrong(`${show(input)} is not a condition`, 'a condition, or a list of them');
    },
    write: (value) => value,
  }).default([]),
  design: mapping({
    kind: choice(['grid', 'latin-hypercube', 'random'], 'how combinations are chosen'),
    points: count('how many combinations a hypercube or a random design has', 1, 1_000_000).optional(),
  })
    .default({ kind: 'grid', points: undefined })
    .meta({ description: 'all combinations (grid), or some that are spread over the ranges' }),
  reps: count('repetitions of each combination, each with draws of its own', 1, 1_000_000).default(
    defaults.reps,
  ),
  seed: count('seeds all chance; without it the scenario’s', 0, 2 ** 32 - 1).optional(),
  assert: list(
    mapping({
      that: text('such as downtime_ms.p99 < 100 ms'),
      where: text('the combinations for which it has to hold; all without it').optional(),
    }),
  )
    .prefault([])
    .meta({ description: 'thresholds that every combination has to keep' }),
  until: mapping({
    measure: text('the column whose mean has to be known'),
    relative: share('half of the interval, as a share of the mean'),
    confidence: share('confidence of the interval', 0.5, 0.9999).default(0.95),
    batch: count('repetitions that are added at a time', 1, 100_000).default(10),
    reps_max: count('repetitions at which a combination ends in any case', 2, 1_000_000),
  })
    .optional()
    .meta({ description: 'repeat each combination until the interval of a measure is narrow enough' }),
});

export type SweepFile = z.output<typeof sweepFile>;

/** A range of values, as `vary` has it in place of a list. */
export const rangeFile = mapping({
  from: anything('first value'),
  to: anything('last value'),
  steps: count('how many values, both ends included', 2, 1_000_000).optional(),
  scale: choice(['linear', 'log'], 'how the values are spaced').default('linear'),
  whole: flag('values without a unit are rounded to whole numbers').default(false),
  as: text('name of the column; without it the end of the path').optional(),
});

/** A list of values with a column name of its own. */
export const valuesFile = mapping({
  values: list(anything('value')),
  as: text('name of the column; without it the end of the path').optional(),
});

function anything(means: string): Scalar<unknown> {
  return scalar<unknown>({
    means,
    allowed: 'any value that the scenario takes there',
    json: {},
    read: (input) => read(input),
    write: (value) => value,
  });
}
