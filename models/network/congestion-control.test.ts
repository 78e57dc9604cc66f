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
  it('keeps 717/1024 of the window at a loss', () => {
    expect(new Cubic().thresholdAfterLoss(100)).toBeCloseTo(70.02, 2);
  });

  it('is back at the window before the loss after K = cbrt(W (1 − beta) / C) seconds', () => {
    // W = 1000, beta = 717/1024: K = cbrt(1000 × 0.2998 / 0.4) = 9.08 s.
    const cubic = new Cubic();
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
