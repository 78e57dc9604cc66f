import { describe, expect, it } from 'vitest';
import type { MemoryRegion, PlainRegion } from '../../compute/memory-access.ts';
import { cpuBound } from '../../compute/memory-access.ts';
import { ms } from '../../../sim/time.ts';
import { FixedRateStream } from './fixed-rate-stream.ts';
import { plainQemuRounds } from './hand-made-rounds.fixture.ts';
import type { CompressionPlan, MemoryPlan, QemuRounds, WireFormat, XenRounds } from './memory-plan.ts';
import { memoryPlanProblems } from './memory-plan-problems.ts';
import type { LoneTransferResult } from './run-transfer.fixture.ts';
import { runTransfer } from './run-transfer.fixture.ts';

type Threads = Extract<CompressionPlan, { kind: 'threads' }>;

const threads: Threads = {
  kind: 'threads',
  headerBytes: 12,
  threads: 8,
  unpackThreads: 2,
  pageNs: 0,
  unpackPageNs: 0,
  limits: 'wire',
};
const costs = { setUpNs: 0, liveRateBps: Infinity, stoppedRateBps: Infinity, endNs: 0, deviceBytes: 0 };
const found: WireFormat = { dataPageBytes: 4104, zeroPageBytes: 9, compression: threads };

const xen: XenRounds = {
  kind: 'xen-current',
  rate: { kind: 'fixed', capBps: Infinity },
  roundsMax: 5,
  pagesMin: 50,
  factorMax: 3,
  skipDirtied: false,
  scanOrder: 'linear',
  batchPages: 1024,
};

const data: PlainRegion = { kind: 'unwritten', pages: 10_000, content: 'data' };
const quarter: MemoryRegion = { kind: 'compressible', compressedShare: 0.25, region: data };

function move(
  regions: readonly MemoryRegion[],
  plan: { readonly wire?: WireFormat; readonly rounds?: QemuRounds | XenRounds },
  how: { readonly detail?: 'exact' | 'binomial' | 'expected'; readonly rateBps?: number } = {},
): LoneTransferResult {
  const limits = { roundsMax: 60, bytesMax: Infinity, liveNsMax: Infinity, then: 'stop' } as const;
  const whole: MemoryPlan = { kind: 'pre-copy', costs, limits, rounds: xen, wire: found, ...plan };
  return runTransfer({
    plan: whole,
    access: { detail: how.detail ?? 'exact', regions, pacing: cpuBound },
    seed: 1,
    repetition: 1,
    createStream: (simulation) =>
      new FixedRateStream(simulation, { rateBps: how.rateBps ?? 80e6, delayNs: 0 }),
  });
}

describe.each(['exact', 'binomial', 'expected'] as const)('compressing pages, %s memory', (detail) => {
  it('sends of each page what its region leaves, and a header', () => {
    const { transfer, totalNs } = move([quarter], {}, { detail });
    expect(transfer.sentBytes).toBe(10_000 * (1024 + 12));
    // 10.36 MB at 10 MB/s.
    expect(totalNs / ms).toBeCloseTo(1036, 0);
  });

  it('sends noise as it is', () => {
    expect(move([data], {}, { detail }).transfer.sentBytes).toBe(10_000 * (4096 + 12));
  });

  it('compresses pages of zeros only where nobody looks for them', () => {
    const zeros: MemoryRegion = { kind: 'unwritten', pages: 10_000, content: 'zero' };
    expect(move([zeros], {}, { detail }).transfer.sentBytes).toBe(10_000 * 9);
    // zlib at level 1 leaves 41 bytes of 4,096 zeros.
    const unseen = { ...found, zeroPageBytes: 4104 };
    expect(move([zeros], { wire: unseen }, { detail }).transfer.sentBytes).toBe(10_000 * (41 + 12));
  });
});

describe('compressing threads', () => {
  it('are the bottleneck where they are slower than the line, and share the pages', () => {
    // 10,000 pages of 100 us are 1 s of one thread, 125 ms of eight; the line takes 10.36 ms.
    const byOne = move([quarter], { wire: withThreads({ threads: 1, pageNs: 100_000 }) }, { rateBps: 8e9 });
    const byEight = move([quarter], { wire: withThreads({ pageNs: 100_000 }) }, { rateBps: 8e9 });
    expect(byOne.totalNs / ms).toBeCloseTo(1000, -1);
    expect(byEight.totalNs / ms).toBeCloseTo(125, -1);
  });

  it('wait for a destination that unpacks more slowly, and the guest resumes when it has', () => {
    // 10,000 pages of 200 us in two threads: 1 s.
    const { totalNs } = move([quarter], { wire: withThreads({ unpackPageNs: 200_000 }) }, { rateBps: 8e9 });
    expect(totalNs / ms).toBeGreaterThanOrEqual(1000);
    expect(totalNs / ms).toBeLessThan(1050);
  });

  it('are hidden behind a slower line', () => {
    const wire = withThreads({ pageNs: 100_000, unpackPageNs: 19_000 });
    // 1,036 ms on the line; at the end the last batch of 1,024 pages is unpacked in 10 ms.
    expect(move([quarter], { wire }).totalNs / ms).toBeLessThan(1060);
  });

  it('let the same memory pass a limit on bytes four times as fast, one on pages at the same speed', () => {
    // 41 MB at 32 MiB/s are 1.22 s in windows of 100 ms, a quarter of them 0.31 s.
    const [plain, wire, memory] = [
      { kind: 'none' } as const,
      threads,
      { ...threads, limits: 'memory' } as const,
    ]
      .map((compression) =>
        move([quarter], { wire: { ...found, compression }, rounds: plainQemuRounds }, { rateBps: 8e9 }),
      )
      .map(({ totalNs }) => totalNs / ms);
    expect(plain).toBeCloseTo(1200, -2);
    expect(wire).toBeCloseTo(300, -2);
    expect(memory).toBeCloseTo(1200, -2);
  });

  it('fill packets with what is left of pages', () => {
    const rounds = { ...plainQemuRounds, packetPages: 128, packetHeaderBytes: 1344 };
    const compression = { ...threads, headerBytes: 0 };
    const { transfer } = move([quarter], { wire: { ...found, compression }, rounds }, { rateBps: 8e9 });
    // 79 packets carry 10,000 pages; steps and the last stage end with 8 bytes each and may cut a packet short.
    const bytes = 10_000 * 1024 + 79 * 1344;
    expect(transfer.sentBytes).toBeGreaterThanOrEqual(bytes);
    expect(transfer.sentBytes).toBeLessThan(bytes + 20 * (1344 + 8));
  });

  it('give way to delta compression once that has begun', () => {
    const hot: MemoryRegion = {
      kind: 'compressible',
      compressedShare: 0.5,
      region: { kind: 'rewritten', pages: 1000 },
    };
    const delta = { kind: 'xbzrle', cachePages: 4096, changedBytes: 100 } as const;
    const { transfer } = move(
      [hot],
      { rounds: { ...plainQemuRounds, delta, dataPageNs: 1000, firstPageNs: 1000 } },
      {},
    );
    // Compressed at first, then in full into the cache, then as differences of 113 bytes.
    const [first, second, third] = transfer.rounds
      .filter(({ pages }) => pages > 0)
      .map(({ bytes, pages }) => bytes / pages);
    expect(first).toBeCloseTo(2048 + 12, 0);
    expect(second).toBeCloseTo(4104, 0);
    expect(third).toBeCloseTo(113, 0);
  });

  it('do not go with post-copy', () => {
    const faults = { pushBps: 1e9, requestNs: 0, resumeNs: 0, preempt: false, prePagingPages: 0 };
    const problems = memoryPlanProblems({ kind: 'post-copy', costs, wire: found, faults }, 'memory');
    expect(problems.map(({ place }) => place)).toEqual(['memory.wire.compression']);
  });
});

function withThreads(changes: Partial<Threads>): WireFormat {
  return { ...found, compression: { ...threads, ...changes } };
}
