import { empirical, exponential, lognormal } from '../../sim/distribution.ts';

/** How long something takes: always the same, or drawn. */
export type Delay =
  | { readonly kind: 'constant'; readonly ns: number }
  | { readonly kind: 'exponential'; readonly meanNs: number }
  | { readonly kind: 'uniform'; readonly fromNs: number; readonly toNs: number }
  /** Lognormal, by its median and its 99th percentile. */
  | { readonly kind: 'lognormal'; readonly medianNs: number; readonly p99Ns: number }
  /** As measured: between samples all delays are equally likely, and none is outside them. */
  | { readonly kind: 'empirical'; readonly samplesNs: readonly number[] };

/** The standard normal quantile of 0.99. */
const normalP99 = 2.326347874040841;

/** The delay at the uniform draw `u`, in whole ns. */
export function drawDelayNs(delay: Delay, u: number): number {
  switch (delay.kind) {
    case 'constant':
      return delay.ns;
    case 'exponential':
      return Math.round(exponential(u, delay.meanNs));
    case 'uniform':
      return Math.round(delay.fromNs + u * (delay.toNs - delay.fromNs));
    case 'lognormal': {
      const sigma = Math.log(delay.p99Ns / delay.medianNs) / normalP99;
      return Math.round(lognormal(u, Math.log(delay.medianNs), sigma));
    }
    case 'empirical':
      return Math.round(empirical(delay.samplesNs)(u));
  }
}
