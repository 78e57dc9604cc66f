import { describe, expect, it } from 'vitest';
import { milliseconds, ms, seconds } from '../../../sim/time.ts';
import type { MemoryRegion } from '../../compute/memory-access.ts';
import { cpuBound } from '../../compute/memory-access.ts';
import { FixedRateStream } from './fixed-rate-stream.ts';
import type { FaultHandling, LiveRounds, MemoryPlan } from './memory-plan.ts';
import type { LoneTransferResult } from './run-transfer.fixture.ts';
import { runTransfer } from './run-transfer.fixture.ts';

const costs = {
  setUpNs: 0,
  liveRateBps: Infinity,
  stoppedRateBps: Infinity,
  endNs: milliseconds(5),
  deviceBytes: 0,
};
const wire = { dataPageBytes: 4096, zeroPageBytes: 9, compression: { kind: 'none' } } as const;
const pushing: FaultHandling = {
  pushBps: Infinity,
  requestNs: 100_000,
  resumeNs: 50_000,
  preempt: false,
  prePagingPages: 0,
};
const writer: MemoryRegion[] = [
  { kind: 'uniform', pages: 8_000, writesPerS: 20_000, schedule: { kind: 'constant' } },
  { kind: 'unwritten', pages: 12_000, content: 'data' },
];
const total = 20_000;

function move(plan: MemoryPlan, detail: 'exact' | 'expected' = 'exact'): LoneTransferResult {
  return runTransfer({
    plan,
    access: { detail, regions: writer, pacing: cpuBound },
    seed: 1,
    repetition: 1,
    createStream: (simulation) => new FixedRateStream(simulation, { rateBps: 400e6, delayNs: 0 }),
  });
}

function pages({ transfer }: LoneTransferResult): number {
  return transfer.rounds.reduce((sum, round) => sum + round.pages, 0);
}

describe('post-copy', () => {
  it.each(['exact', 'expected'] as const)('sends each page exactly once, %s memory', (detail) => {
    const result = move({ kind: 'post-copy', costs, wire, faults: pushing }, detail);
    expect(pages(result)).toBe(total);
    expect(result.transfer.sentBytes).toBe(total * 4096);
  });

  it('pauses the guest for the device state alone, whatever its memory', () => {
    const result = move({ kind: 'post-copy', costs, wire, faults: pushing });
    expect(result.downtimeNs).toBe(5 * ms);
  });

  it('takes no longer than the line for all pages, faults apart', () => {
    const { totalNs } = move({ kind: 'post-copy', costs, wire, faults: pushing });
    // 20,000 pages × 4,096 B at 50 MB/s = 1.6384 s, and 5 ms.
    expect(totalNs / ms).toBeGreaterThanOrEqual(1643.4);
    expect(totalNs / ms).toBeLessThan(1660);
  });

  it('ends without a push too: the rest follows once the guest has what it needs', () => {
    const result = move({ kind: 'post-copy', costs, wire, faults: { ...pushing, pushBps: 0 } });
    expect(pages(result)).toBe(total);
  });

  it('holds the push to its limit', () => {
    const { totalNs } = move({ kind: 'post-copy', costs, wire, faults: { ...pushing, pushBps: 100e6 } });
    // 81.92 MB at 12.5 MB/s = 6.55 s in windows of 100 ms, the first of which is sent at once.
    expect(totalNs / ms).toBeGreaterThan(6300);
    expect(totalNs / ms).toBeLessThan(6700);
  });
});

describe('a hybrid', () => {
  const rounds: LiveRounds = {
    kind: 'xen-legacy',
    rate: { kind: 'fixed', capBps: Infinity },
    roundsMax: 29,
    pagesMin: 50,
    factorMax: 3,
    skipDirtied: false,
    scanOrder: 'linear',
    batchPages: 1024,
  };

  it('sends everything live once, then only what was dirtied meanwhile', () => {
    const plan: MemoryPlan = {
      kind: 'hybrid',
      costs,
      wire,
      rounds,
      switchAfterNs: seconds(60),
      switchAfterRounds: 1,
      faults: pushing,
    };
    const { transfer, downtimeNs } = move(plan);
    expect(transfer.rounds.map(({ phase }) => phase)).toEqual(['live', 'remote']);
    expect(transfer.rounds[0]?.pages).toBe(total);
    // 1.6384 s × 20,000/s writes over 8,000 pages: 8,000 (1 - e^-4.096) = 7,867.
    expect(Math.abs((transfer.rounds[1]?.pages ?? 0) / 7_867 - 1)).toBeLessThan(0.01);
    expect(downtimeNs).toBe(5 * ms);
  });
});

describe('a pre-copy that cannot converge', () => {
  const hopeless: LiveRounds = { kind: 'simgrid', capBps: Infinity, downtimeMaxNs: 1 };
  const limits = { roundsMax: 7, bytesMax: Infinity, liveNsMax: Infinity } as const;

  it('gives up at its limit and leaves the guest where it is', () => {
    const result = move({
      kind: 'pre-copy',
      costs,
      wire,
      rounds: hopeless,
      limits: { ...limits, then: 'give-up' },
    });
    expect(result.transfer.verdict).toBe('gave-up');
    expect(result.transfer.rounds).toHaveLength(7);
    expect(result.downtimeNs).toBe(0);
  });

  it('stops the guest at its limit all the same when told so', () => {
    const result = move({
      kind: 'pre-copy',
      costs,
      wire,
      rounds: hopeless,
      limits: { ...limits, then: 'stop' },
    });
    expect(result.transfer.verdict).toBe('limit');
    expect(result.transfer.rounds).toHaveLength(8);
    expect(result.downtimeNs).toBeGreaterThan(5 * ms);
  });
});
