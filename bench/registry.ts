import type { Benchmark } from './benchmark.ts';
import { hold } from './hold.ts';
import { mm1 } from './mm1.ts';
import { phold } from './phold.ts';
import { timerChurn } from './timer-churn.ts';

/** All benchmarks, in the order in which they are run and printed. Add one by adding a file and a line here. */
export const benchmarks: readonly Benchmark[] = [
  hold(100, 'exponential'),
  hold(10_000, 'exponential'),
  hold(1_000_000, 'exponential'),
  phold,
  timerChurn,
  mm1,
  hold(10_000, 'equal'),
  hold(10_000, 'bimodal'),
  hold(10_000, 'heavy-tailed'),
  hold(10_000, 'bursty'),
];
