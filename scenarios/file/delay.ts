import type { Delay } from '../../models/network/delay.ts';
import { formatQuantity, parseQuantity } from '../units.ts';
import { read, scalar, show, wrong } from './scalar.ts';
import type { Scalar } from './scalar.ts';

const allowed =
  'a time such as 200 ms, exponential(200 ms), uniform(100 ms, 300 ms) or lognormal(200 ms, 1 s), by median and p99';

/** How long something takes: a time, or what it is drawn from. */
export function delay(means: string): Scalar<Delay> {
  return scalar<Delay>({
    means,
    allowed,
    json: { type: 'string', examples: ['200 ms', 'exponential(200 ms)', 'lognormal(200 ms, 1 s)'] },
    read: (input) => {
      if (typeof input !== 'string') return wrong(`${show(input)} has no unit`, allowed);
      const drawn = /^([a-z]+)\s*\((.*)\)$/.exec(input.trim());
      const times: number[] = [];
      for (const part of (drawn?.[2] ?? input).split(',')) {
        const parsed = parseQuantity(part, 'time');
        if (!parsed.ok) return wrong(parsed.message, allowed);
        times.push(parsed.value);
      }
      const made = make(drawn?.[1] ?? 'constant', times);
      return made === undefined ? wrong(`${show(input)} is no delay`, allowed) : read(made);
    },
    write: (value) => {
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
      }
    },
  });
}

function make(kind: string, times: readonly number[]): Delay | undefined {
  const [first = 0, second = 0] = times;
  if (kind === 'constant' && times.length === 1) return { kind, ns: first };
  if (kind === 'exponential' && times.length === 1) return { kind, meanNs: first };
  if (times.length !== 2 || first > second) return undefined;
  if (kind === 'uniform') return { kind, fromNs: first, toNs: second };
  if (kind === 'lognormal' && first > 0) return { kind, medianNs: first, p99Ns: second };
  return undefined;
}
