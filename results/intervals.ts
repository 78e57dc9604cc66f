import { deviation, mean } from 'd3-array';
import { standardNormalQuantile } from '../sim/normal-quantile.ts';
import { Chance } from '../sim/random.ts';
import { quantile } from './statistics.ts';
import { studentTQuantile } from './student-t.ts';

/** A confidence interval. */
export interface ConfidenceInterval {
  readonly low: number;
  readonly high: number;
}

/** Of a mean, by Student's t; null for fewer than two values. */
export function meanInterval(values: readonly number[], confidence: number): ConfidenceInterval | null {
  const middle = mean(values);
  const spread = deviation(values);
  if (middle === undefined || spread === undefined) return null;
  const half =
    (studentTQuantile((1 + confidence) / 2, values.length - 1) * spread) / Math.sqrt(values.length);
  return { low: middle - half, high: middle + half };
}

/** Of a share, by Wilson's score (J. Am. Stat. Assoc. 22, 1927), which holds near 0 and 1 too; null for none. */
export function wilsonInterval(hits: number, n: number, confidence: number): ConfidenceInterval | null {
  if (n === 0) return null;
  const z = standardNormalQuantile((1 + confidence) / 2);
  const share = hits / n;
  const scale = 1 + (z * z) / n;
  const middle = (share + (z * z) / (2 * n)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  // Rounding must not let the interval miss the ends that it has by definition.
  return { low: hits === 0 ? 0 : middle - half, high: hits === n ? 1 : middle + half };
}

/**
 * Upper bound of the probability of what has never happened in n runs: 1 − (1 − confidence)^(1/n), which at 95 %
 * is close to 3/n (Hanley and Lippman-Hand, JAMA 249(13), 1983).
 */
export function zeroEventsBound(n: number, confidence: number): number | null {
  return n === 0 ? null : 1 - (1 - confidence) ** (1 / n);
}

/** How often the bootstrap draws. */
const resamples = 1000;

/**
 * Of a quantile, by the percentile bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap, 1993,
 * ch. 13); of thousands of values by their order statistics, which then says the same in no time. The same values
 * in the same order give the same interval; null for fewer than two.
 */
export function quantileInterval(
  values: readonly number[],
  p: number,
  confidence: number,
): ConfidenceInterval | null {
  if (values.length > manyValues) return rankInterval(values, p, confidence);
  return bootstrap(values, confidence, (sample) => quantile(sample, p));
}

/** Beyond this the binomial distribution of ranks is normal for every quantile that is asked for. */
const manyValues = 5000;

/** The order statistics that lie z standard deviations of the binomial around rank np (Conover, 1999, ch. 3.2). */
function rankInterval(values: readonly number[], p: number, confidence: number): ConfidenceInterval {
  const n = values.length;
  const half = standardNormalQuantile((1 + confidence) / 2) * Math.sqrt(n * p * (1 - p));
  const sorted = Float64Array.from(values).sort();
  const at = (rank: number): number => sorted[Math.min(n, Math.max(1, Math.ceil(rank))) - 1]!;
  return { low: at(n * p - half), high: at(n * p + half) };
}

/** Of the mean of skewed values, the same way. */
export function bootstrapMeanInterval(
  values: readonly number[],
  confidence: number,
): ConfidenceInterval | null {
  return bootstrap(values, confidence, (sample) => mean(sample) ?? null);
}

function bootstrap(
  values: readonly number[],
  confidence: number,
  estimate: (sample: readonly number[]) => number | null,
): ConfidenceInterval | null {
  const n = values.length;
  if (n < 2) return null;
  const draws = new Chance(1, 0).stream('bootstrap', 'resamples');
  const estimates: number[] = [];
  const sample = [...values];
  for (let resample = 0; resample < resamples; resample++) {
    for (let at = 0; at < n; at++) sample[at] = values[Math.floor(draws.uniform(resample * n + at) * n)]!;
    estimates.push(estimate(sample) ?? 0);
  }
  const low = quantile(estimates, (1 - confidence) / 2);
  const high = quantile(estimates, (1 + confidence) / 2);
  return low === null || high === null ? null : { low, high };
}
