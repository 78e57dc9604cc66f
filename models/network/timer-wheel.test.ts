import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { ms } from '../../sim/time.ts';
import { timerDelayNs } from './timer-wheel.ts';

const tickNs = 4 * ms;

describe('a kernel timer', () => {
  it('expires exactly where time is not kept in ticks', () => {
    expect(timerDelayNs(12_345, 200_050_000, 0)).toBe(200_050_000);
  });

  it('expires at the second tick after its time on the finest level', () => {
    // 200.05 ms are 51 ticks, rounded up; one more guarantees that it is not early: tick 52, at 208 ms.
    expect(timerDelayNs(0, 200_050_000, tickNs)).toBe(208 * ms);
    // Set 2 ms into a tick, it expires at the same one.
    expect(timerDelayNs(2 * ms, 200_050_000, tickNs)).toBe(206 * ms);
  });

  it('is rounded up to 8 ticks from 64 ticks on', () => {
    // 416 ms are 104 ticks; the next multiple of 8 above is 112, at 448 ms.
    expect(timerDelayNs(0, 416 * ms, tickNs)).toBe(448 * ms);
  });

  test.prop([fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: 1, max: 130_000_000_000 })])(
    'is never early, and late by at most an eighth and two ticks',
    (nowNs, delayNs) => {
      const waited = timerDelayNs(nowNs, delayNs, tickNs);
      expect(waited).toBeGreaterThanOrEqual(delayNs);
      // Each level begins at 63 of its own granules below: a granule is at most 1/7.8 of the delay.
      expect(waited).toBeLessThanOrEqual(delayNs * (1 + 1 / 7.8) + 2 * tickNs);
    },
  );
});
