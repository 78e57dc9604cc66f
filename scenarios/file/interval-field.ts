import type { Interval } from '../../models/workload/interval.ts';
import { formatQuantity, parseQuantity } from '../units.ts';
import { read, scalar, show, wrong } from './scalar.ts';
import type { Reading, Scalar } from './scalar.ts';

const allowedInterval = 'a time such as 200 ms, or exponential(200 ms)';

/** A constant time, or one drawn for each event. */
export function interval(means: string): Scalar<Interval> {
  return scalar({
    means,
    allowed: allowedInterval,
    json: { type: 'string', examples: ['200 ms', 'exponential(200 ms)'] },
    read: (input) => readInterval(input, allowedInterval),
    write: writeInterval,
  });
}

/** The same, or a word. */
export function intervalOr<const Word extends string>(word: Word, means: string): Scalar<Interval | Word> {
  const allowed = `${allowedInterval}, or ${word}`;
  return scalar<Interval | Word>({
    means,
    allowed,
    json: { type: 'string', examples: ['200 ms', 'exponential(200 ms)', word] },
    read: (input) => (input === word ? read(word) : readInterval(input, allowed)),
    write: (value) => (typeof value === 'string' ? value : writeInterval(value)),
  });
}

export function readInterval(input: unknown, allowed: string): Reading<Interval> {
  if (typeof input !== 'string') return wrong(`${show(input)} has no unit`, allowed);
  const drawn = /^exponential\s*\((.*)\)$/.exec(input.trim());
  const parsed = parseQuantity(drawn?.[1] ?? input, 'time');
  if (!parsed.ok) return wrong(parsed.message, allowed);
  if (drawn === null) return read({ kind: 'constant', ns: parsed.value });
  return read({ kind: 'exponential', meanNs: parsed.value });
}

export function writeInterval(value: Interval): string {
  return value.kind === 'constant'
    ? formatQuantity(value.ns, 'time')
    : `exponential(${formatQuantity(value.meanNs, 'time')})`;
}
