import { assert } from '../../sim/assert.ts';
import { normal } from '../../sim/distribution.ts';

/**
 * How many of `count` trials succeed, by inversion: one uniform `u` in [0, 1) makes one variate. Below a mean
 * of 30 successes (or failures) the distribution is summed up term by term; above, it is taken as normal,
 * rounded, where its skewness is below 0.2.
 */
export function binomial(u: number, count: number, probability: number): number {
  assert(probability >= 0 && probability <= 1, 'a probability lies between 0 and 1');
  if (probability > 0.5) return count - binomial(1 - u, count, 1 - probability);
  const mean = count * probability;
  if (mean === 0) return 0;
  if (mean < 30) return bySum(u, count, probability);
  const value = Math.round(normal(u, mean, Math.sqrt(mean * (1 - probability))));
  return Math.min(count, Math.max(0, value));
}

function bySum(u: number, count: number, probability: number): number {
  const odds = probability / (1 - probability);
  let term = Math.exp(count * Math.log1p(-probability));
  let sum = term;
  let successes = 0;
  while (sum < u && successes < count) {
    successes++;
    term *= (odds * (count - successes + 1)) / successes;
    sum += term;
    if (term < 1e-300) break;
  }
  return successes;
}
