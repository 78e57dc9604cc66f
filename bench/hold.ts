import { Simulation } from '../sim/simulation.ts';
import { s } from '../sim/time.ts';
import { ResultHash } from './benchmark.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { Generator } from './generator.ts';
import { benchmarkIdentity } from './identity.ts';

/** How far ahead events are scheduled. */
export type Law = keyof typeof increments;

/**
 * The hold model: each event schedules its successor, so that the number of pending events stays the same.
 * Source: Jones, "An empirical comparison of priority-queue and event-set implementations", CACM 29(4), 1986. The
 * increments follow a law; any but the exponential one is there to find distributions that the queue dislikes.
 */
export function hold(pending: number, law: Law): Benchmark {
  return {
    name: law === 'exponential' ? `hold-${pending}` : `hold-${pending}-${law}`,
    operation: 'event',
    size: pending > 100_000 ? 5_000_000 : 20_000_000,
    sizeSmall: 3 * Math.min(pending, 10_000),
    run: (size) => runHold(pending, increments[law], size),
  };
}

type Increment = (generator: Generator, nowNs: number) => number;

const increments = {
  exponential: (generator) => generator.exponentialNs(s),
  equal: () => s,
  // Nine of about 1 ms to one of about 10 s.
  bimodal: (generator) => {
    const modeNs = generator.uniform() < 0.9 ? 1e6 : 1e10;
    return Math.floor(modeNs * (0.9 + 0.2 * generator.uniform()) + 0.5);
  },
  // Pareto with shape 1.1 from 1 us, cut at ten days.
  'heavy-tailed': (generator) => {
    const valueNs = 1e3 * (1 - generator.uniform()) ** (-1 / 1.1);
    return Math.floor((valueNs < 864e12 ? valueNs : 864e12) + 0.5);
  },
  // All of them in bursts of 1 us at whole seconds.
  bursty: (generator, nowNs) => {
    const second = Math.floor(nowNs / s) + Math.floor(generator.exponential(4)) + 1;
    return second * s + generator.below(1000) - nowNs;
  },
} satisfies Record<string, Increment>;

interface Entity {
  readonly id: number;
}

function runHold(pending: number, increment: Increment, size: number): BenchmarkResult {
  const simulation = new Simulation(benchmarkIdentity);
  const generator = new Generator(1);
  const hash = new ResultHash();
  let operations = 0;

  // Four functions of one text: a simulator calls many different ones.
  const handlers = [0, 1, 2, 3].map(() => (entity: Entity): void => {
    hash.add(entity.id, simulation.nowNs);
    if (++operations >= size) simulation.stop();
    simulation.schedule(increment(generator, simulation.nowNs), handlers[entity.id & 3]!, entity);
  });
  for (let id = 0; id < pending; id++)
    simulation.schedule(increment(generator, 0), handlers[id & 3]!, { id });
  simulation.run(Infinity);
  return { operations, hash: hash.text, remark: '' };
}
