import { exponential } from '../../sim/distribution.ts';

/** A time between events. */
export type Interval =
  | { readonly kind: 'constant'; readonly ns: number }
  | { readonly kind: 'exponential'; readonly meanNs: number };

/** The interval at the uniform draw `u`, in whole ns. */
export function drawIntervalNs(interval: Interval, u: number): number {
  return interval.kind === 'constant' ? interval.ns : Math.round(exponential(u, interval.meanNs));
}

/** The mean, in ns. */
export function meanIntervalNs(interval: Interval): number {
  return interval.kind === 'constant' ? interval.ns : interval.meanNs;
}
