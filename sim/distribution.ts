import { assert } from './assert.ts';
import { standardNormalQuantile } from './normal-quantile.ts';

/*
 * Variates by inversion: each takes one uniform number u in [0, 1) and grows with it, so that a variate is as
 * comparable between runs as the draw behind it. Source: Devroye, "Non-Uniform Random Variate Generation",
 * Springer 1986, chapter II.2. Where a logarithm or power is taken it is that of 1 - u, which is never zero.
 */

/** Exponential with the given mean: -mean · ln(1 - u) (Devroye II.2.1, table 1). */
export function exponential(u: number, mean: number): number {
  return -mean * Math.log1p(-u);
}

/** Normal; the quantile function is Wichura's AS 241. */
export function normal(u: number, mean: number, standardDeviation: number): number {
  // u = 0 would be minus infinity: it stands for the middle of the first of the 2^53 steps.
  return mean + standardDeviation * standardNormalQuantile(u === 0 ? 2 ** -54 : u);
}

/** Lognormal: e to the power of a normal variate with mean `mu` and standard deviation `sigma` (Devroye IX.1). */
export function lognormal(u: number, mu: number, sigma: number): number {
  return Math.exp(normal(u, mu, sigma));
}

/** A whole number from 0 to `count` - 1, all equally likely. */
export function uniformInteger(u: number, count: number): number {
  return Math.floor(u * count);
}

/**
 * Samples of a measurement: the piecewise linear inverse of their distribution function, which is R's quantile
 * of type 7 (Hyndman and Fan, The American Statistician 50(4), 1996). The samples need not be sorted.
 */
export function empirical(samples: readonly number[]): (u: number) => number {
  assert(samples.length >= 1, 'a measurement has samples');
  const sorted = Float64Array.from(samples).sort();
  return (u) => {
    const position = u * (sorted.length - 1);
    const below = Math.floor(position);
    const low = sorted[below]!;
    const high = sorted[below + 1] ?? low;
    return low + (position - below) * (high - low);
  };
}
