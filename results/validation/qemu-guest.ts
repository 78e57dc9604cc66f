import type { GuestHabits } from '../../models/compute/guest-memory.ts';
import { milliseconds, seconds } from '../../sim/time.ts';
import type {
  MemoryRegion,
  Pacing,
  PlainRegion,
  SweepRegion,
  UniformRegion,
} from '../../models/compute/memory-access.ts';
import type { RegionSchedule } from '../../models/compute/write-schedule.ts';
import type { QemuWorkload, QemuRunParams } from './qemu-measurement.ts';

export interface QemuGuest {
  readonly regions: readonly MemoryRegion[];
  readonly habits: GuestHabits;
}

/**
 * The guest of the measured migrations, from what is known before one starts: the parameters of its load and
 * the page rate measured before (bursts: the nominal rate, since the measurement may fall into an off phase).
 *
 * Where its pages lie follows from a Linux guest's memory map: the kernel's pages low, with some zero pages
 * among them, then what user space allocated, then free (zero) pages, and at the top the kernel's page array of
 * 64 bytes a page and about 790 pages more, at least 1,940; after the RAM come 50 data and 80 zero pages of ROM.
 * The counters of zero and other pages in the recorded samples show the same map for each size of guest.
 */
export function qemuGuest(params: QemuRunParams, pageRateBefore: number): QemuGuest {
  const { workload } = params;
  const { low, top, zero } = layout(params);
  const lowZero = Math.min(zero, 4_200 + 440 * Math.log2(params.guestRamPages / 65_536));
  const rate = workload.pattern === 'burst' ? workload.nominalPagesPerS : pageRateBefore;
  const set = workingSet(params, rate);
  const regions: MemoryRegion[] = [
    { kind: 'kernel' },
    { kind: 'unwritten', pages: low - kernelPages, content: 'data' },
    { kind: 'unwritten', pages: lowZero, content: 'zero' },
    set.low,
    { kind: 'unwritten', pages: workload.staticPages, content: 'data' },
    { kind: 'unwritten', pages: zero - lowZero, content: 'zero' },
    { kind: 'unwritten', pages: 40, content: 'data' },
    { kind: 'unwritten', pages: 32, content: 'zero' },
    set.top,
    { kind: 'unwritten', pages: top + 50 - 40 - set.top.pages, content: 'data' },
    { kind: 'unwritten', pages: topZero - 32 + 80, content: 'zero' },
  ];
  // A guest that resumes meets 20-56 faults (measured, after one second of pre-copy) before its load runs a tick.
  const resumption = { firstPages: 5, drawnPages: 24, drawnFrom: low, writingNs: milliseconds(2) };
  return { regions, habits: { pacing: pacing(rate), resumption } };
}

/** Why no guest can be laid out like this; null where it can. */
export function guestMisfit(params: QemuRunParams): string | null {
  const { setPages, staticPages, pattern } = params.workload;
  if (setPages < 0 || staticPages < 0) return 'ws_pages and static_fill_pages cannot be negative';
  if (setPages === 0 && pattern !== 'idle') return 'ws_pages is 0, but only an idle guest writes to none';
  const { low, top, zero } = layout(params);
  if (zero < 0) {
    return `nonzero_guest_pages_at_start and ${topZero} pages of zeros are more than guest_ram_pages (${params.guestRamPages})`;
  }
  if (low < kernelPages) {
    const least = params.nonzeroPages + kernelPages - low;
    return `nonzero_guest_pages_at_start is ${params.nonzeroPages}; the working set, the static pages and ${top} pages at the top need ${least}`;
  }
  return null;
}

/** Data pages below and above what user space allocated, and pages of zeros. */
function layout(params: QemuRunParams): {
  readonly low: number;
  readonly top: number;
  readonly zero: number;
} {
  const { workload } = params;
  const top = Math.max(1_940, Math.round(params.guestRamPages / 64) + 791);
  const low = params.nonzeroPages - workload.setPages - workload.staticPages - top + topPages(params);
  return { low, top, zero: params.guestRamPages - params.nonzeroPages - topZero };
}

/** Pages that the kernel's own writing is spread over (memory-access.ts). */
const kernelPages = 145;
/** Zero pages between the data pages at the top. */
const topZero = 135;

/** The working set in two places: most of it low, the rest among the pages at the top. */
interface WorkingSet {
  readonly low: MemoryRegion;
  readonly top: Exclude<PlainRegion, { kind: 'kernel' }>;
}

/**
 * Working-set pages that lie at the top: what is missing among the newly dirty pages of the first reading of the
 * log, since they are still to be sent then. 4 % in guests of 256 MiB, 1 % of 512 MiB, none of 1 GiB.
 */
function topPages(params: QemuRunParams): number {
  return Math.round(0.04 * params.workload.setPages * Math.min(1, 65_536 / params.guestRamPages) ** 2);
}

function workingSet(params: QemuRunParams, writesPerS: number): WorkingSet {
  const { workload } = params;
  const top = topPages(params);
  const low = workload.setPages - top;
  const schedule: RegionSchedule = workload.pattern === 'burst' ? bursts(workload) : { kind: 'constant' };
  const uniform = (pages: number, share: number): UniformRegion => {
    return { kind: 'uniform', pages, writesPerS: writesPerS * share, schedule };
  };
  switch (workload.pattern) {
    case 'idle':
      return {
        low: { kind: 'unwritten', pages: low, content: 'data' },
        top: { kind: 'unwritten', pages: top, content: 'data' },
      };
    case 'uniform':
    case 'burst':
      return { low: uniform(low, low / workload.setPages), top: uniform(top, top / workload.setPages) };
    case 'hot': {
      const { hotShare, hotWriteShare } = workload;
      const topShare = (top * (1 - hotWriteShare)) / (workload.setPages * (1 - hotShare));
      const lowHot = {
        hotShare: (hotShare * workload.setPages) / low,
        hotWriteShare: hotWriteShare / (1 - topShare),
      };
      const lowWritesPerS = writesPerS * (1 - topShare);
      return {
        low: { kind: 'hot-cold', pages: low, writesPerS: lowWritesPerS, ...lowHot, schedule },
        top: uniform(top, topShare),
      };
    }
    case 'seq':
      return {
        low: sweep(0, low, workload.setPages, writesPerS),
        top: sweep(low, top, workload.setPages, writesPerS),
      };
  }
}

/**
 * The load has run for this long when a migration begins: the median of all runs with a load, by the writes that the
 * guest reports in its first line; nine in ten lie within 30 ms.
 */
const runsForS = 1.1;

/** The part of a sweep through `setPages` that begins at page `from` of the set; the writer goes on elsewhere after it. */
function sweep(from: number, pages: number, setPages: number, writesPerS: number): SweepRegion {
  const intoPart = (runsForS * writesPerS + setPages - from) % setPages;
  const schedule: RegionSchedule = {
    kind: 'bursts',
    onNs: seconds(pages / writesPerS),
    offNs: seconds((setPages - pages) / writesPerS),
    phaseNs: seconds(intoPart / writesPerS),
  };
  const startPage = intoPart < pages ? Math.floor(intoPart) : 0;
  return { kind: 'sweep', pages, writesPerS, startPage, schedule };
}

function bursts({ onMs, offMs, phaseMs }: QemuWorkload): RegionSchedule {
  return {
    kind: 'bursts',
    onNs: milliseconds(onMs),
    offNs: milliseconds(offMs),
    phaseNs: milliseconds(phaseMs),
  };
}

/** A write costs the emulated processor this long; measured: at half its time 400,000 a second become 0.72 of that. */
const writeCpuS = 1.3e-6;

/** The load works in ticks of 2 ms and drops those that come more than 16 ms late. */
function pacing(writesPerS: number): Pacing {
  const cpuShare = Math.min(1, Math.max(0.02, writesPerS * writeCpuS));
  return { cpuShare, backlogNs: milliseconds(16), backlogJitterNs: milliseconds(16) };
}
