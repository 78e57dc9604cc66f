import { describe, expect, it } from 'vitest';
import { seconds } from '../../../sim/time.ts';
import type { MemoryRegion } from '../../compute/memory-access.ts';
import { cpuBound } from '../../compute/memory-access.ts';
import { FixedRateStream } from './fixed-rate-stream.ts';
import type { LiveRounds, MemoryPlan, XenRounds } from './memory-plan.ts';
import type { LoneTransferResult } from './run-transfer.fixture.ts';
import { runTransfer } from './run-transfer.fixture.ts';

const unlimited = { roundsMax: Infinity, bytesMax: Infinity, liveNsMax: Infinity, then: 'give-up' } as const;

/** 32,768 pages a second: a page takes a whole number of microseconds and some. */
const pagesPerS = 32_768;
const rateBps = pagesPerS * 4096 * 8;

const xenLegacy: XenRounds = {
  kind: 'xen-legacy',
  rate: { kind: 'fixed', capBps: Infinity },
  roundsMax: 29,
  pagesMin: 50,
  factorMax: 3,
  skipDirtied: false,
  scanOrder: 'linear',
  batchPages: 1024,
};

const xenCurrent: XenRounds = { ...xenLegacy, kind: 'xen-current', roundsMax: 5 };

function move(
  rounds: LiveRounds,
  regions: readonly MemoryRegion[],
  detail: 'exact' | 'expected' = 'expected',
): LoneTransferResult {
  const plan: MemoryPlan = {
    kind: 'pre-copy',
    rounds,
    limits: unlimited,
    wire: { dataPageBytes: 4096, zeroPageBytes: 4096, compression: { kind: 'none' } },
    costs: { setUpNs: 0, liveRateBps: Infinity, stoppedRateBps: Infinity, endNs: 0, deviceBytes: 0 },
  };
  return runTransfer({
    plan,
    access: { detail, regions, pacing: cpuBound },
    seed: 1,
    repetition: 1,
    createStream: (simulation) => new FixedRateStream(simulation, { rateBps, delayNs: 0 }),
  });
}

function pagesByRound({ transfer }: LoneTransferResult): number[] {
  return transfer.rounds.map(({ pages }) => pages);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

const n = 131_072;
const halfOfTheLine: MemoryRegion = {
  kind: 'sweep',
  pages: n,
  writesPerS: pagesPerS / 2,
  startPage: 0,
  schedule: { kind: 'constant' },
};

describe.each(['exact', 'expected'] as const)('pre-copy, %s memory', (detail) => {
  it('ends Xen legacy on all pages dirty after 4 live rounds, 5 times the memory sent (rule d, 4.1.2)', () => {
    const result = move(xenLegacy, [{ kind: 'rewritten', pages: n }], detail);
    expect(pagesByRound(result)).toEqual([n, n, n, n, n]);
    expect(result.downtimeNs).toBe(seconds(n / pagesPerS));
  });

  it('ends Xen legacy on a small set that is always dirty after 29 live rounds (rule b, 4.1.2)', () => {
    const w = 8192;
    const result = move(
      xenLegacy,
      [
        { kind: 'rewritten', pages: w },
        { kind: 'unwritten', pages: n - w, content: 'data' },
      ],
      detail,
    );
    expect(result.transfer.rounds).toHaveLength(30);
    expect(sum(pagesByRound(result))).toBe(368_640);
    expect(result.downtimeNs).toBe(seconds(w / pagesPerS));
  });

  it('ends Xen legacy on a halving set once a round sent fewer than 50 pages (rule c, 4.1.2)', () => {
    const pages = pagesByRound(move(xenLegacy, [halfOfTheLine], detail));
    expect(pages).toHaveLength(14);
    expect(pages.slice(0, 3)).toEqual([131_072, 65_536, 32_768]);
    expect(pages.slice(-3)).toEqual([64, 32, 16]);
    expect(sum(pages)).toBe(262_128);
  });

  it('lets current Xen send all pages five times live and once more (xg_sr_save.c)', () => {
    expect(sum(pagesByRound(move(xenCurrent, [{ kind: 'rewritten', pages: n }], detail)))).toBe(6 * n);
  });

  it('lets current Xen stop a halving set after five live rounds (xg_sr_save.c)', () => {
    const pages = pagesByRound(move(xenCurrent, [halfOfTheLine], detail));
    expect(pages).toEqual([131_072, 65_536, 32_768, 16_384, 8_192, 4_096]);
    expect(sum(pages)).toBe(258_048);
  });

  it('lets current Xen move an idle guest in one round and an empty last one (xg_sr_save.c)', () => {
    const pages = pagesByRound(move(xenCurrent, [{ kind: 'unwritten', pages: n, content: 'data' }], detail));
    expect(pages).toEqual([n, 0]);
  });
});
