import { describe, expect, it } from 'vitest';
import { milliseconds } from '../../../sim/time.ts';
import { cpuBound } from '../../compute/memory-access.ts';
import { throttledSpeed } from './qemu-throttle.ts';

describe('a throttled guest', () => {
  it('loses what its vCPU sleeps, and a little more, when it computes all the time', () => {
    // 50 %: 10 ms of sleep for 10 ms of running, of which 2.05 ms go to missed timer interrupts: 7.95 / 20.
    expect(throttledSpeed(50, cpuBound)).toBeCloseTo(0.3975, 3);
    expect(throttledSpeed(99, cpuBound)).toBeLessThan(0.01);
  });

  it('keeps its speed while its idle time makes up for the sleeps', () => {
    // A paced guest with a load of 5 % and 16 ms of patience, measured at full speed up to 40 %.
    const paced = { cpuShare: 0.05, backlogNs: milliseconds(16), backlogJitterNs: milliseconds(16) };
    expect(throttledSpeed(20, paced)).toBe(1);
    expect(throttledSpeed(40, paced)).toBe(1);
    // Measured: 0.5-0.9 at 60 %, 0.24 at 70 %.
    expect(throttledSpeed(60, paced)).toBeGreaterThan(0.5);
    expect(throttledSpeed(60, paced)).toBeLessThan(0.9);
    expect(Math.abs(throttledSpeed(70, paced) - 0.24)).toBeLessThan(0.05);
  });

  it('is never faster at a higher throttle', () => {
    const paced = { cpuShare: 0.3, backlogNs: milliseconds(16), backlogJitterNs: milliseconds(16) };
    for (let percent = 2; percent < 100; percent++) {
      expect(throttledSpeed(percent, paced)).toBeLessThanOrEqual(throttledSpeed(percent - 1, paced));
    }
  });
});
