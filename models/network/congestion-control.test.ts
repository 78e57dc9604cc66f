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
    expect(new Cubic(null).thresholdAfterLoss(100.9)).toBe(70);
    expect(new Cubic(null).thresholdAfterLoss(10)).toBe(7);
    expect(new Cubic(null).thresholdAfterLoss(3)).toBe(2);
  });

  it('grows by a twentieth of a segment for each acknowledged one where no loss has told the bandwidth', () => {
    // Reno would grow by 3 × 0.2998 / 1.7002 / 400 = 0.0013.
    expect(new Cubic(null).increase(1, 400, 0, 10 * ms)).toBe(0.05);
  });

  it('does not count an idle time as time to grow', () => {
    // 8 s after a loss at 1000 it aims at 1000 − 0.4 × (9.08 − 8)^3 = 999.5, whether or not it was idle before.
    const [busy, idle] = [new Cubic(null), new Cubic(null)];
    const window = busy.thresholdAfterLoss(1000);
    idle.thresholdAfterLoss(1000);
    busy.increase(1, window, 0, 0);
    idle.increase(1, window, 0, 0);
    idle.resume(60 * s);
    expect(idle.increase(1, window, 68 * s, 0)).toBe(busy.increase(1, window, 8 * s, 0));
  });

  it('is back at the window before the loss after K = cbrt(W (1 − beta) / C) seconds', () => {
    // W = 1000, beta = 717/1024: K = cbrt(1000 × 0.2998 / 0.4) = 9.08 s.
    const cubic = new Cubic(null);
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
