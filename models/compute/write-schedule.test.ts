import { describe, expect, it } from 'vitest';
import { Chance } from '../../sim/random.ts';
import { milliseconds, seconds } from '../../sim/time.ts';
import { drawSchedule, writingSeconds } from './write-schedule.ts';

const draws = new Chance(1, 1).stream('guest', 'memory writes');
const varying = { kind: 'varying', intervalNs: milliseconds(100), deviation: 0.37 } as const;

/** What each of the first `count` intervals writes, as a factor on the nominal rate. */
function factors(count: number): number[] {
  const schedule = drawSchedule(varying, draws, 1);
  return Array.from({ length: count }, (_, i) => {
    const fromNs = i * varying.intervalNs;
    return 10 * (writingSeconds(schedule, fromNs + varying.intervalNs) - writingSeconds(schedule, fromNs));
  });
}

describe('a varying schedule', () => {
  it('keeps to the nominal rate on average, with the deviation that it states', () => {
    const drawn = factors(4096);
    const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
    const variance = drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / drawn.length;
    // The mean of 4,096 draws scatters by 0.37 / 64 = 0.006.
    expect(Math.abs(mean - 1)).toBeLessThan(0.02);
    expect(Math.sqrt(variance)).toBeGreaterThan(0.34);
    expect(Math.sqrt(variance)).toBeLessThan(0.4);
    expect(Math.min(...drawn)).toBeGreaterThan(0);
  });

  it('is even within an interval, and goes on after the last one that was drawn', () => {
    const schedule = drawSchedule(varying, draws, 1);
    const [first = 0] = factors(1);
    expect(writingSeconds(schedule, milliseconds(50))).toBeCloseTo(0.05 * first, 12);
    const all = writingSeconds(schedule, 4096 * varying.intervalNs);
    expect(writingSeconds(schedule, 4096 * varying.intervalNs + milliseconds(50))).toBeCloseTo(
      all + 0.05 * first,
      9,
    );
  });

  it('is its mean where nothing is drawn', () => {
    expect(writingSeconds(drawSchedule(varying, null, 1), seconds(3))).toBe(3);
  });
});
