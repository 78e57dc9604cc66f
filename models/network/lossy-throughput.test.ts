import { describe, expect, it } from 'vitest';
import { ms, s } from '../../sim/time.ts';
import { lossyThroughputBps } from './lossy-throughput.ts';

describe('a transfer over a lossy path', () => {
  it('has no bound without loss', () => {
    expect(lossyThroughputBps(0, 10 * ms)).toBe(Infinity);
  });

  it('goes by Mathis’s law where round trips are short or losses frequent', () => {
    // sqrt(3 / 0.02) = 12.247 segments of 11,680 bits in 10 ms: 14.3 Mbit/s.
    expect(lossyThroughputBps(0.01, 10 * ms) / 1e6).toBeCloseTo(14.305, 3);
  });

  it('has the windows of RFC 9438, table 1, for CUBIC elsewhere', () => {
    // Table 1, round trip 0.1 s: 187 segments at a loss of 10^-4, 1,054 at 10^-5, 5,926 at 10^-6.
    for (const [loss, segments] of [
      [1e-4, 187],
      [1e-5, 1054],
      [1e-6, 5926],
    ] as const) {
      const window = (lossyThroughputBps(loss, 100 * ms) * 0.1) / 11_680;
      expect(window / segments).toBeCloseTo(1, 1);
      expect(lossyThroughputBps(loss, 1 * s)).toBeGreaterThan(lossyThroughputBps(loss * 10, 1 * s));
    }
  });
});
