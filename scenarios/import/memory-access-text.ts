import { stringify } from 'yaml';
import { z } from 'zod';
import type { DirtySlot } from '../../models/compute/dirty-page-trace.ts';
import { traceRegion } from '../../models/compute/dirty-page-trace.ts';
import type { MemoryAccessFit } from '../../models/compute/memory-access-fit.ts';
import type { UniformRegion } from '../../models/compute/memory-access.ts';
import { defaults } from '../file/defaults.ts';
import { memoryAccessFile } from '../file/memory-access-file.ts';

type AccessFile = z.output<typeof memoryAccessFile>;
/** Tables of dirty pages do not say what pages hold. */
const noise = defaults.region.compressedShare;

type RegionFile = Extract<AccessFile, { kind: 'written' }>['regions'][number];

/**
 * A fitted model as the `memory_access:` of a VM. A dirtied set that grows by a power law knows no size of its own and
 * takes all of the memory; a set that is written at random has one, and the rest of the memory is not written.
 */
export function fittedAccessText({ region }: MemoryAccessFit): string {
  if (region.kind === 'uniform') return accessText(uniform(region));
  return accessText([
    {
      kind: 'growth',
      pages: null,
      pages_in_one_second: Math.max(1, Math.round(region.pagesInOneSecond)),
      exponent: Number(region.exponent.toFixed(4)),
      schedule: { kind: 'constant' },
      compresses_to: noise,
    },
  ]);
}

/** A trace as the `memory_access:` of a VM, over `setPages` pages. */
export function traceAccessText(slots: readonly DirtySlot[], setPages: number): string {
  return accessText(uniform(traceRegion(slots, setPages)));
}

/** A file has whole pages a second; what rounding takes from the rate, the factors of the steps give back. */
function uniform({ pages, writesPerS, schedule }: UniformRegion): RegionFile[] {
  const writes = Math.max(1, Math.ceil(writesPerS));
  const scale = writesPerS / writes;
  const written: RegionFile = {
    kind: 'uniform',
    pages,
    writes,
    schedule:
      schedule.kind === 'phases'
        ? {
            kind: 'phases',
            steps: schedule.steps.map(({ durationNs, factor }) => ({
              duration: durationNs,
              factor: Number((factor * scale).toPrecision(6)),
            })),
            repeats: schedule.repeats,
          }
        : { kind: 'constant' },
    compresses_to: noise,
  };
  return [written, { kind: 'unwritten', pages: null, content: 'data', compresses_to: noise }];
}

function accessText(regions: readonly RegionFile[]): string {
  const access: AccessFile = {
    kind: 'written',
    detail: defaults.vm.memoryDetail,
    pacing: { cpu_share: 1, backlog: 0, backlog_jitter: 0 },
    regions,
  };
  return stringify({ memory_access: z.encode(memoryAccessFile, access) }, { lineWidth: 0 });
}
