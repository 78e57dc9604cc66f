import { describe, expect, it } from 'vitest';
import { ms, s } from '../../sim/time.ts';
import { Cubic } from './cubic.ts';
import { NewReno } from './new-reno.ts';

describe('NewReno', () => {
  it('grows by one segment per window and halves at a loss', () => {
    const reno = new NewReno();
    expect(reno.increase(10, 10)).toBe(1);
    expect(reno.thresholdAfterLoss(20)).toBe(10);
    expect(reno.thresholdAfterLoss(3)).toBe(2);
  });
});

describe('CUBIC', () => {
  it('keeps 717/1024 of the window at a loss, in whole segments', () => {
    // 100 × 717/1024 = 70.02 and 10 × 717/1024 = 7.002; 3 × 717/1024 = 2.1.
    expect(new Cubic(null, 0).thresholdAfterLoss(100.9)).toBe(70);
    expect(new Cubic(null, 0).thresholdAfterLoss(10)).toBe(7);
    expect(new Cubic(null, 0).thresholdAfterLoss(3)).toBe(2);
  });

  it('grows by a segment for each twenty acknowledged where no loss has told the bandwidth', () => {
    // As Reno it would grow once in 400 × 15/8 = 750.
    const cubic = new Cubic(null, 0);
    expect(cubic.increase(19, 400, 0, 10 * ms)).toBe(0);
    expect(cubic.increase(1, 400, 0, 10 * ms)).toBe(1);
  });

  it('finds its rate anew only 32 times a second while the window stays (tcp_cubic.c, bictcp_update)', () => {
    const cubic = new Cubic(null, 0);
    expect(cubic.thresholdAfterLoss(7)).toBe(4);
    // The target is at once 5: one segment more for a window of 4.
    expect(cubic.increase(4, 4, 0, 1 * ms)).toBe(1);
    // At 5 it is reached: one in a hundred windows, whatever comes in the next 31 ms.
    expect(cubic.increase(2, 5, 1 * ms, 1 * ms)).toBe(0);
    expect(cubic.increase(40, 5, 31 * ms, 1 * ms)).toBe(0);
    // By then Reno has grown by four, one for each 9 of 43 acknowledged: one segment for every second that waits.
    expect(cubic.increase(1, 5, 33 * ms, 1 * ms)).toBe(1);
  });

  it('does not count an idle time as time to grow', () => {
    // 8 s after a loss at 1000 it aims at 1000 − 0.4 × (9.08 − 8)^3 = 999.5, whether or not it was idle before.
    const [busy, idle] = [new Cubic(null, 0), new Cubic(null, 0)];
    const window = busy.thresholdAfterLoss(1000);
    idle.thresholdAfterLoss(1000);
    busy.increase(1, window, 0, 0);
    idle.increase(1, window, 0, 0);
    idle.resume(60 * s);
    expect(idle.increase(1, window, 68 * s, 0)).toBe(busy.increase(1, window, 8 * s, 0));
  });

  it('is back at the window before the loss after K = cbrt(W (1 − beta) / C) seconds', () => {
    // W = 1000, beta = 717/1024: K = cbrt(1000 × 0.2998 / 0.4) = 9.08 s.
    const cubic = new Cubic(null, 0);
    let window = cubic.thresholdAfterLoss(1000);
    const rttNs = 100 * ms;
    const windowAt = (untilS: number, fromS: number): number => {
      for (let nowNs = fromS * s; nowNs < untilS * s; nowNs += rttNs) {
        window += cubic.increase(window, window, nowNs, rttNs);
      }
      return window;
    };
    expect(windowAt(9, 0) / 1000).toBeCloseTo(1, 2);
    // After 12 s it is C × 2.92^3 = 10 segments above.
    expect(windowAt(12, 9)).toBeGreaterThan(1005);
    expect(window).toBeLessThan(1020);
  });
});
