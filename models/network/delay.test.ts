import { describe, expect, it } from 'vitest';
import { ms } from '../../sim/time.ts';
import { drawDelayNs, type Delay } from './delay.ts';

describe('a delay', () => {
  it('has the quantiles of its law', () => {
    const at = (delay: Delay, u: number): number => drawDelayNs(delay, u) / ms;
    expect(at({ kind: 'constant', ns: 7 * ms }, 0.9)).toBe(7);
    expect(at({ kind: 'uniform', fromNs: 100 * ms, toNs: 300 * ms }, 0.25)).toBe(150);
    // The median of an exponential is ln 2 = 0.693 of its mean.
    expect(at({ kind: 'exponential', meanNs: 1000 * ms }, 0.5)).toBeCloseTo(693.147, 3);
    const lognormal: Delay = { kind: 'lognormal', medianNs: 200 * ms, p99Ns: 900 * ms };
    expect(at(lognormal, 0.5)).toBeCloseTo(200, 5);
    expect(at(lognormal, 0.99)).toBeCloseTo(900, 5);
  });

  it('lies between the samples where it was measured, each stretch equally likely', () => {
    const measured: Delay = { kind: 'empirical', samplesNs: [900 * ms, 100 * ms, 200 * ms] };
    // Sorted 100, 200, 900: a quarter is half way up the first stretch, three quarters half way up the second.
    expect([0, 0.25, 0.5, 0.75].map((u) => drawDelayNs(measured, u) / ms)).toEqual([100, 150, 200, 550]);
  });
});
