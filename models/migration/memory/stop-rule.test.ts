import { describe, expect, it } from 'vitest';
import { Simulation } from '../../../sim/simulation.ts';
import { seconds } from '../../../sim/time.ts';
import { GuestClock } from '../../compute/guest-clock.ts';
import { cpuBound } from '../../compute/memory-access.ts';
import type { VMotionRounds } from './memory-plan.ts';
import type { RoundRecord } from './memory-transfer.ts';
import { QemuThrottle } from './qemu-throttle.ts';
import { createStopRule } from './stop-rule.ts';

const round: RoundRecord = {
  round: 1,
  phase: 'live',
  startNs: 0,
  endNs: seconds(1),
  pages: 1000,
  skippedPages: 0,
  bytes: 4_096_000,
  unsentPages: 0,
};

/** After how many readings of the log, each with so many dirtied pages, VMotion's rule stops; 0 for never. */
function stopsAfter(dirtiedPages: readonly number[]): number {
  const rounds: VMotionRounds = { kind: 'vmotion', capBps: Infinity, restBytesMax: 16e6, gainBytesMin: 1e6 };
  const rule = createStopRule(rounds, 1_000_000);
  return dirtiedPages.findIndex((pages) => rule.stopsAfterReading(round, pages)) + 1;
}

describe('the rule of VMotion (Nelson et al., USENIX 2005, as recalled)', () => {
  it('stops when less than 16 MB are modified: 3,906 pages are 15.999 MB, 3,907 are 16.003', () => {
    expect(stopsAfter([20_000, 3_907, 3_000])).toBe(3);
    expect(stopsAfter([20_000, 3_906])).toBe(2);
  });

  it('stops when a round gains less than 1 MB: 244 pages are 0.9994 MB, 245 are 1.0035', () => {
    expect(stopsAfter([20_000, 20_000 - 245, 20_000 - 245 - 244])).toBe(3);
    expect(stopsAfter([20_000, 20_100])).toBe(2);
  });

  it('never stops on the first round for want of a gain', () => {
    expect(stopsAfter([1_000_000])).toBe(0);
  });
});

describe('the rule of SimGrid (VmLiveMigration.cpp, 3.32)', () => {
  it('stops when the rest takes no longer than the limit at the rate of the last round', () => {
    // 1,000 pages a second and 30 ms: 30 pages.
    const rule = createStopRule({ kind: 'simgrid', capBps: Infinity, downtimeMaxNs: 30_000_000 }, 1_000_000);
    expect(rule.stopsAfterReading(round, 31)).toBe(false);
    expect(rule.stopsAfterReading(round, 30)).toBe(true);
  });
});

describe('dirty-limit (QEMU 7.2, softmmu/dirtylimit.c)', () => {
  /** The guest's speed after each judgement, for a guest that dirties 102,400 pages (400 MiB) a second at full speed. */
  function speeds(bytesPerS: number, judgements: number): number[] {
    const simulation = new Simulation({ scenario: 'throttle', seed: 1, repetition: 1, replayCommand: '' });
    const clock = new GuestClock(simulation);
    const plan = { kind: 'dirty-limit', bytesPerS } as const;
    const throttle = new QemuThrottle(plan, simulation, {
      clock,
      pacing: cpuBound,
      throttled: () => undefined,
    });
    const found: number[] = [];
    let readNs = 0;
    for (let second = 1; second <= judgements; second++) {
      // Just above the period of 1 s, so that each reading is judged.
      simulation.run(second * 1_000_000_001);
      const guestS = (clock.guestNs - readNs) / 1e9;
      readNs = clock.guestNs;
      throttle.read(102_400 * guestS, 0);
      found.push(clock.rate);
    }
    return found;
  }

  it('holds a guest of 400 MiB/s to a quarter of its speed at a limit of 100 MiB/s, from the first judgement on', () => {
    for (const speed of speeds(100 * 2 ** 20, 4)) expect(speed).toBeCloseTo(0.25, 6);
  });

  it('leaves a guest alone that is below the limit or less than 25 MiB/s above it', () => {
    for (const limit of [500, 400, 376]) {
      for (const speed of speeds(limit * 2 ** 20, 3)) expect(speed).toBe(1);
    }
    expect(speeds(374 * 2 ** 20, 1)[0]).toBeCloseTo(374 / 400, 6);
  });

  it('never slows a guest below a hundredth, QEMU’s longest sleep of 99 %', () => {
    for (const speed of speeds(1024, 3)) expect(speed).toBeCloseTo(0.01, 6);
  });
});
