import { describe, expect, it } from 'vitest';
import { ms, us } from '../../sim/time.ts';
import { HyStart, type SlowStartAck } from './hystart.ts';

const rttMinNs = 100 * ms;

/** The first of one round's acknowledgements, `gapNs` apart, that ends slow start; -1 without one. */
function endsAt(changes: Partial<SlowStartAck>, gapNs: number, acks: number): number {
  const hyStart = new HyStart({ end: 0, startNs: -Infinity });
  for (let index = 0; index < acks; index++) {
    const ack: SlowStartAck = {
      ...{ nowNs: 500 * ms + index * gapNs, rttNs: rttMinNs, rttMinNs, window: 100, burstNs: 0 },
      ...{ acknowledged: 1 + index, sent: 1000 },
      ...changes,
    };
    if (hyStart.ends(ack)) return index;
  }
  return -1;
}

describe('HyStart', () => {
  it('ends slow start where a train of acknowledgements is longer than half the shortest round trip', () => {
    // 50 ms at 1 ms: the 51st comes 51 ms after the first.
    expect(endsAt({}, 1 * ms, 100)).toBe(51);
  });

  it('grants the train what a burst takes, a millisecond at most', () => {
    // (100 + 1) / 2 = 50.5 ms; (100 + 0.2) / 2 = 50.1 ms, at half a millisecond an acknowledgement.
    expect(endsAt({ burstNs: 30 * ms }, 500 * us, 200)).toBe(102);
    expect(endsAt({ burstNs: 200 * us }, 500 * us, 200)).toBe(101);
  });

  it('takes acknowledgements more than 2 ms apart for no train', () => {
    expect(endsAt({}, 3 * ms, 100)).toBe(-1);
  });

  it('ends slow start where the shortest of more than eight round trips is longer by an eighth', () => {
    // An eighth of 100 ms is 12.5 ms.
    expect(endsAt({ rttNs: 112 * ms }, 3 * ms, 30)).toBe(-1);
    expect(endsAt({ rttNs: 113 * ms }, 3 * ms, 30)).toBe(8);
  });

  it('takes an eighth for no less than 4 ms and no more than 16 ms', () => {
    expect(endsAt({ rttMinNs: 1 * ms, rttNs: 5 * ms }, 3 * ms, 30)).toBe(-1);
    expect(endsAt({ rttMinNs: 1 * ms, rttNs: 5.1 * ms }, 3 * ms, 30)).toBe(8);
    expect(endsAt({ rttMinNs: 800 * ms, rttNs: 816.1 * ms }, 3 * ms, 30)).toBe(8);
  });

  it('lets windows below 16 segments grow', () => {
    expect(endsAt({ window: 15.9 }, 1 * ms, 100)).toBe(-1);
  });
});
