import { milliseconds } from '../../sim/time.ts';
import type { MemoryRegion, Pacing, WrittenMemory } from '../../models/compute/memory-access.ts';
import type { WriteSchedule } from '../../models/compute/write-schedule.ts';
import type { QemuWorkload, QemuRunParams } from './qemu-measurement.ts';

/**
 * The guest of the measured migrations, from what is known before one starts: the parameters of its load and
 * the page rate measured before (bursts: the nominal rate, since the measurement may fall into an off phase).
 *
 * Where its pages lie follows from a Linux guest's memory map: the kernel's pages low, with some zero pages
 * among them, then what user space allocated, then free (zero) pages, and at the top the kernel's page array of
 * 64 bytes a page and about 790 pages more; after the RAM come 50 data and 80 zero pages of ROM.
 */
export function qemuGuest(params: QemuRunParams, pageRateBefore: number): WrittenMemory {
  const { workload } = params;
  const top = Math.round(params.guestRamPages / 64) + 790;
  const low = params.nonzeroPages - workload.setPages - workload.staticPages - top;
  const zero = params.guestRamPages - params.nonzeroPages;
  const lowZero = Math.min(zero, 4_200);
  const rate = workload.pattern === 'burst' ? workload.nominalPagesPerS : pageRateBefore;
  const regions: MemoryRegion[] = [
    { kind: 'kernel' },
    { kind: 'unwritten', pages: low - kernelPages, content: 'data' },
    { kind: 'unwritten', pages: lowZero, content: 'zero' },
    workingSet(workload, rate),
    { kind: 'unwritten', pages: workload.staticPages, content: 'data' },
    { kind: 'unwritten', pages: zero - lowZero, content: 'zero' },
    { kind: 'unwritten', pages: top + 50, content: 'data' },
    { kind: 'unwritten', pages: 80, content: 'zero' },
  ];
  return { detail: 'exact', regions, pacing: pacing(rate) };
}

/** Pages that the kernel's own writing is spread over (memory-access.ts). */
const kernelPages = 145;

function workingSet(workload: QemuWorkload, writesPerS: number): MemoryRegion {
  const pages = workload.setPages;
  switch (workload.pattern) {
    case 'idle':
      return { kind: 'unwritten', pages, content: 'data' };
    case 'uniform':
      return { kind: 'uniform', pages, writesPerS, schedule: { kind: 'constant' } };
    case 'hot':
      return {
        kind: 'hot-cold',
        pages,
        writesPerS,
        hotShare: workload.hotShare,
        hotWriteShare: workload.hotWriteShare,
        schedule: { kind: 'constant' },
      };
    case 'seq':
      return { kind: 'sweep', pages, writesPerS, startPage: 0, schedule: { kind: 'constant' } };
    case 'burst':
      return { kind: 'uniform', pages, writesPerS, schedule: bursts(workload) };
  }
}

function bursts({ onMs, offMs, phaseMs }: QemuWorkload): WriteSchedule {
  return {
    kind: 'bursts',
    onNs: milliseconds(onMs),
    offNs: milliseconds(offMs),
    phaseNs: milliseconds(phaseMs),
  };
}

/** A write costs the emulated processor this long; measured: 400,000 a second took 0.62 of it. */
const writeCpuS = 1.56e-6;

/** The load works in ticks of 2 ms and drops those that come more than 16 ms late. */
function pacing(writesPerS: number): Pacing {
  const cpuShare = Math.min(1, Math.max(0.02, writesPerS * writeCpuS));
  return { cpuShare, backlogNs: milliseconds(16), backlogJitterNs: milliseconds(4) };
}
