import type { Delay } from '../../models/network/delay.ts';
import { formatQuantity, parseQuantity } from '../units.ts';
import { read, scalar, show, wrong } from './scalar.ts';
import type { Reading, Scalar } from './scalar.ts';

const allowed =
  'a time such as 200 ms, exponential(200 ms), uniform(100 ms, 300 ms), lognormal(200 ms, 1 s), by median and p99, or empirical(120 ms, 180 ms, 900 ms), by samples';
const examples = ['200 ms', 'exponential(200 ms)', 'lognormal(200 ms, 1 s)'];

/** How long something takes: a time, or what it is drawn from. */
export function delay(means: string): Scalar<Delay> {
  return scalar<Delay>({
    ...{ means, allowed, json: { type: 'string', examples } },
    read: (input) => readDelay(input, allowed),
    write: writeDelay,
  });
}

/** The same, or a word. */
export function delayOr<const Word extends string>(word: Word, means: string): Scalar<Delay | Word> {
  const wordAllowed = `${allowed}; or ${word}`;
  return scalar<Delay | Word>({
    ...{ means, allowed: wordAllowed, json: { type: 'string', examples: [...examples, word] } },
    read: (input) => (input === word ? read(word) : readDelay(input, wordAllowed)),
    write: (value) => (typeof value === 'string' ? value : writeDelay(value)),
  });
}

function readDelay(input: unknown, orElse: string): Reading<Delay> {
  if (typeof input !== 'string') return wrong(`${show(input)} has no unit`, orElse);
  const drawn = /^([a-z]+)\s*\((.*)\)$/.exec(input.trim());
  const times: number[] = [];
  for (const part of (drawn?.[2] ?? input).split(',')) {
    const parsed = parseQuantity(part, 'time');
    if (!parsed.ok) return wrong(parsed.message, orElse);
    times.push(parsed.value);
  }
  const made = make(drawn?.[1] ?? 'constant', times);
  return made === undefined ? wrong(`${show(input)} is no delay`, orElse) : read(made);
}

function writeDelay(value: Delay): string {
  const time = (ns: number): string => formatQuantity(ns, 'time');
  switch (value.kind) {
    case 'constant':
      return time(value.ns);
    case 'exponential':
      return `exponential(${time(value.meanNs)})`;
    case 'uniform':
      return `uniform(${time(value.fromNs)}, ${time(value.toNs)})`;
    case 'lognormal':
      return `lognormal(${time(value.medianNs)}, ${time(value.p99Ns)})`;
    case 'empirical':
      return `empirical(${value.samplesNs.map(time).join(', ')})`;
  }
}

function make(kind: string, times: readonly number[]): Delay | undefined {
  const [first = 0, second = 0] = times;
  if (kind === 'constant' && times.length === 1) return { kind, ns: first };
  if (kind === 'exponential' && times.length === 1) return { kind, meanNs: first };
  if (kind === 'empirical') return { kind, samplesNs: times };
  if (times.length !== 2 || first > second) return undefined;
  if (kind === 'uniform') return { kind, fromNs: first, toNs: second };
  if (kind === 'lognormal' && first > 0) return { kind, medianNs: first, p99Ns: second };
  return undefined;
}
