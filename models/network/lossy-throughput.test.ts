import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { ms, s } from '../../sim/time.ts';
import { cubicBps, lossyThroughputBps } from './lossy-throughput.ts';

const ages = ['linux-2.6', 'linux-6.x'] as const;

describe('a transfer over a lossy path', () => {
  it('has no bound without loss', () => {
    const path = { lineRateBps: 1e9, roundTripNs: 10 * ms, loss: 0 };
    expect(lossyThroughputBps('linux-6.x', path)).toBe(Infinity);
  });

  test.prop([
    fc.constantFrom(...ages),
    fc.double({ min: 6, max: 12, noNaN: true }),
    fc.double({ min: -3, max: 3.5, noNaN: true }),
    fc.double({ min: -7, max: -0.3, noNaN: true }),
    fc.double({ min: 0.01, max: 2, noNaN: true }),
  ])('is a positive number that is smaller the more is lost', (age, line, roundTrip, loss, less) => {
    const path = { lineRateBps: 10 ** line, roundTripNs: 10 ** roundTrip * ms };
    const many = lossyThroughputBps(age, { ...path, loss: 10 ** loss });
    const few = lossyThroughputBps(age, { ...path, loss: 10 ** (loss - less) });
    expect(many).toBeGreaterThan(0);
    expect(few).toBeGreaterThanOrEqual(many);
    expect(few).toBeLessThan(Infinity);
  });

  it('is steady where the measured grid ends', () => {
    for (const age of ages) {
      const at = (lineRateBps: number, roundTripMs: number, loss: number): number =>
        lossyThroughputBps(age, { lineRateBps, roundTripNs: roundTripMs * ms, loss });
      for (const [inside, outside] of [
        [at(1e9, 10, 1.001e-4), at(1e9, 10, 0.999e-4)],
        [at(1e9, 10, 0.0999), at(1e9, 10, 0.1001)],
        [at(1e9, 199.9, 0.01), at(1e9, 200.1, 0.01)],
        [at(1e9, 0.0501, 0.01), at(1e9, 0.0499, 0.01)],
        [at(1.001e8, 1, 0.01), at(0.999e8, 1, 0.01)],
      ] as const) {
        expect(outside / inside).toBeGreaterThan(0.98);
        expect(outside / inside).toBeLessThan(1.02);
      }
    }
  });

  it('needs no round trip: hosts take some time themselves', () => {
    const path = { lineRateBps: 1e9, roundTripNs: 0, loss: 0.01 };
    expect(lossyThroughputBps('linux-6.x', path)).toBeLessThan(1e9);
  });

  it('has about the windows of RFC 9438, table 1, for CUBIC where losses are rare', () => {
    // Table 1, round trip 0.1 s: 187 segments at a loss of 10^-4, 1,054 at 10^-5, 5,926 at 10^-6.
    for (const [loss, segments] of [
      [1e-4, 187],
      [1e-5, 1054],
      [1e-6, 5926],
    ] as const) {
      const bps = lossyThroughputBps('linux-6.x', { lineRateBps: 1e11, roundTripNs: 100 * ms, loss });
      expect((bps * 0.1) / 11_584 / segments).toBeGreaterThan(0.75);
      expect((bps * 0.1) / 11_584 / segments).toBeLessThan(1.25);
      expect((cubicBps(loss, 100 * ms) * 0.1) / 11_584 / segments).toBeCloseTo(1, 1);
    }
  });

  it('goes by Reno’s law where round trips are short, were there no timeouts', () => {
    // sqrt(3 / 0.02) = 12.247 segments of 11,584 bits in 10 ms: 14.2 Mbit/s.
    expect(cubicBps(0.01, 10 * ms) / 1e6).toBeCloseTo(14.187, 3);
    expect(cubicBps(1e-6, 1 * s)).toBeGreaterThan(cubicBps(1e-5, 1 * s));
  });
});
