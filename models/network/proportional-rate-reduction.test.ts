import { describe, expect, it } from 'vitest';
import { ProportionalRateReduction } from './proportional-rate-reduction.ts';

describe('proportional rate reduction', () => {
  it('sends a segment at once, and then one for every two delivered while the window halves (RFC 6937, 3)', () => {
    // 20 in flight, one lost: 19 can arrive. Three told of the loss, so that 16 are left with the retransmission.
    const reduction = new ProportionalRateReduction(20);
    let inFlight = 16;
    const sends: number[] = [];
    for (let ack = 0; ack < 8; ack++) {
      const window = reduction.windowAfter({ delivered: 1, inFlight, threshold: 10, safe: false });
      sends.push(window - inFlight);
      reduction.send(window - inFlight);
      inFlight = window - 1;
    }
    // ceil(10 × delivered / 20): 1 1 2 2 3 3 4 4 in all.
    expect(sends).toEqual([1, 0, 1, 0, 1, 0, 1, 0]);
  });

  it('sends what is delivered below the threshold, and one more where no further loss was found (RFC 9937, 5)', () => {
    const reduction = new ProportionalRateReduction(20);
    reduction.send(1);
    expect(reduction.windowAfter({ delivered: 1, inFlight: 4, threshold: 10, safe: false })).toBe(5);
    reduction.send(1);
    expect(reduction.windowAfter({ delivered: 1, inFlight: 4, threshold: 10, safe: true })).toBe(6);
  });

  it('never goes above the threshold', () => {
    const reduction = new ProportionalRateReduction(20);
    reduction.send(1);
    expect(reduction.windowAfter({ delivered: 9, inFlight: 8, threshold: 10, safe: true })).toBe(10);
  });
});
