import { FixedRateStream } from '../../models/migration/memory/fixed-rate-stream.ts';
import type { CopyCosts, MemoryPlan, XenRounds } from '../../models/migration/memory/memory-plan.ts';
import type { RoundRecord } from '../../models/migration/memory/memory-transfer.ts';
import { runTransfer } from '../../models/migration/memory/run-transfer.ts';
import type { MemoryAccess, MemoryRegion, WrittenMemory } from '../../models/compute/memory-access.ts';
import { cpuBound, pageBytes } from '../../models/compute/memory-access.ts';
import { s } from '../../sim/time.ts';

/** A published migration: one guest over one line. */
export interface LoneMove {
  readonly liveRounds: number;
  readonly pages: number;
  readonly lastPages: number;
  readonly liveS: number;
  readonly downtimeS: number;
  readonly totalS: number;
  readonly rounds: readonly RoundRecord[];
}

/** A page as its bytes alone: the accounting of the papers. */
export const plainWire = { dataPageBytes: pageBytes, zeroPageBytes: pageBytes };

export const noCosts: CopyCosts = {
  setUpNs: 0,
  liveRateBps: Infinity,
  stoppedRateBps: Infinity,
  endNs: 0,
  deviceBytes: 0,
};

export const noLimits = {
  roundsMax: Infinity,
  bytesMax: Infinity,
  liveNsMax: Infinity,
  then: 'stop',
} as const;

/** Xen 4.1.2 (`xc_domain_save.c`) without skipping. */
export const xenLegacy: XenRounds = {
  kind: 'xen-legacy',
  rate: { kind: 'fixed', capBps: Infinity },
  roundsMax: 29,
  pagesMin: 50,
  factorMax: 3,
  skipDirtied: false,
  scanOrder: 'linear',
  batchPages: 1024,
};

/** Current Xen (`xg_sr_save.c`). */
export const xenCurrent: XenRounds = { ...xenLegacy, kind: 'xen-current', roundsMax: 5 };

export function moveAlone(
  plan: MemoryPlan,
  access: MemoryAccess,
  line: { readonly rateBps: number; readonly delayNs: number },
): LoneMove {
  const { transfer, liveNs, downtimeNs, totalNs } = runTransfer({
    plan,
    access,
    seed: 1,
    repetition: 1,
    createStream: (simulation) => new FixedRateStream(simulation, line),
  });
  const { rounds } = transfer;
  return {
    rounds,
    liveRounds: rounds.filter(({ phase }) => phase === 'live').length,
    pages: rounds.reduce((sum, { pages }) => sum + pages, 0),
    lastPages: rounds.at(-1)?.pages ?? 0,
    liveS: liveNs / s,
    downtimeS: downtimeNs / s,
    totalS: totalNs / s,
  };
}

/** A guest by its means, all its time computing. */
export function meanGuest(...regions: readonly MemoryRegion[]): WrittenMemory {
  return { detail: 'expected', regions, pacing: cpuBound };
}

export function idlePages(pages: number): MemoryRegion {
  return { kind: 'unwritten', pages, content: 'data' };
}

/** A writer that goes through `pages` one after another. */
export function sweptPages(pages: number, writesPerS: number): MemoryRegion {
  return { kind: 'sweep', pages, writesPerS, startPage: 0, schedule: { kind: 'constant' } };
}
