import { describe, expect, it } from 'vitest';
import type { MemoryRegion } from '../../compute/memory-access.ts';
import { cpuBound } from '../../compute/memory-access.ts';
import { milliseconds, ms } from '../../../sim/time.ts';
import { FixedRateStream } from './fixed-rate-stream.ts';
import { plainQemuRounds } from './hand-made-rounds.fixture.ts';
import type { LiveRounds, MemoryPlan } from './memory-plan.ts';
import { runTransfer } from './run-transfer.fixture.ts';

const constant = { kind: 'constant' } as const;
const guests: Record<string, MemoryRegion[]> = {
  uniform: [
    { kind: 'unwritten', pages: 8_000, content: 'data' },
    { kind: 'uniform', pages: 8_000, writesPerS: 4_000, schedule: constant },
    { kind: 'unwritten', pages: 8_000, content: 'zero' },
  ],
  'hot and cold': [
    { kind: 'kernel' },
    {
      kind: 'hot-cold',
      pages: 12_000,
      writesPerS: 8_000,
      hotShare: 0.1,
      hotWriteShare: 0.9,
      schedule: constant,
    },
    { kind: 'unwritten', pages: 8_000, content: 'data' },
  ],
  growth: [{ kind: 'growth', pages: 20_000, pagesInOneSecond: 2_000, exponent: 0.4, schedule: constant }],
  'Zipf in bursts': [
    {
      kind: 'zipf',
      pages: 16_000,
      writesPerS: 6_000,
      exponent: 0.99,
      schedule: { kind: 'bursts', onNs: 300 * ms, offNs: 700 * ms, phaseNs: 0 },
    },
    { kind: 'unwritten', pages: 4_000, content: 'data' },
  ],
  sweep: [
    { kind: 'sweep', pages: 9_000, writesPerS: 3_000, startPage: 4_000, schedule: constant },
    { kind: 'unwritten', pages: 9_000, content: 'data' },
  ],
};

const xen = {
  kind: 'xen-legacy',
  rate: { kind: 'fixed', capBps: Infinity },
  roundsMax: 29,
  pagesMin: 50,
  factorMax: 3,
  batchPages: 256,
} as const;

const qemu: LiveRounds = {
  ...plainQemuRounds,
  downtimeMaxNs: milliseconds(100),
  dataPageNs: 3_500,
  firstPageNs: 9_000,
  zeroPageNs: 670,
};

const rules: Record<string, LiveRounds> = {
  'Xen, linear scan with skipping': { ...xen, skipDirtied: true, scanOrder: 'linear' },
  'Xen, random scan with skipping': { ...xen, skipDirtied: true, scanOrder: 'random' },
  'Xen without skipping': { ...xen, skipDirtied: false, scanOrder: 'linear' },
  QEMU: qemu,
};

/** Mean bytes and mean total time in ms of 30 seeds. */
function means(
  rounds: LiveRounds,
  regions: readonly MemoryRegion[],
  detail: 'exact' | 'binomial',
): { bytes: number; totalMs: number } {
  const plan: MemoryPlan = {
    kind: 'pre-copy',
    rounds,
    limits: { roundsMax: 60, bytesMax: Infinity, liveNsMax: Infinity, then: 'stop' },
    wire: { dataPageBytes: 4104, zeroPageBytes: 9, compression: { kind: 'none' } },
    costs: { setUpNs: 0, liveRateBps: Infinity, stoppedRateBps: Infinity, endNs: 0, deviceBytes: 0 },
  };
  let bytes = 0;
  let totalMs = 0;
  for (let seed = 1; seed <= 30; seed++) {
    const { transfer, totalNs } = runTransfer({
      plan,
      access: { detail, regions, pacing: cpuBound },
      seed,
      repetition: 1,
      createStream: (simulation) => new FixedRateStream(simulation, { rateBps: 300e6, delayNs: 0 }),
    });
    bytes += transfer.sentBytes / 30;
    totalMs += totalNs / ms / 30;
  }
  return { bytes, totalMs };
}

describe.each(Object.entries(rules))('%s', (_rule, rounds) => {
  it.each(Object.entries(guests))(
    'sends the same and takes as long page by page and by classes, within 1 %%: %s',
    (_guest, regions) => {
      const exact = means(rounds, regions, 'exact');
      const aggregated = means(rounds, regions, 'binomial');
      expect(Math.abs(aggregated.bytes / exact.bytes - 1)).toBeLessThan(0.01);
      expect(Math.abs(aggregated.totalMs / exact.totalMs - 1)).toBeLessThan(0.01);
    },
  );
});
