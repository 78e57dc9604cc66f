import { checkMemoryRegion, checkRecording } from './check-memory-access.ts';
import { pageClasses } from '../models/compute/page-class.ts';
import { s } from '../sim/time.ts';
import { pageBytes } from '../models/compute/memory-access.ts';
import type { MemoryAccess, MemoryRegion, PlainRegion } from '../models/compute/memory-access.ts';
import type { RegionSchedule } from '../models/compute/write-schedule.ts';
import type { MemoryRegionFile } from './file/memory-access-file.ts';
import type { ScenarioFile } from './file/scenario-file.ts';
import type { ResolveProblems } from './resolve-problems.ts';
import type { FieldPath } from './source-problem.ts';

type VmFile = ScenarioFile['vms'][number];
type MemoryAccessFile = NonNullable<VmFile['memory_access']>;

/** How a VM writes its memory, `rest` filled in and the pages held against its size. */
export function resolveMemoryAccess(
  vm: VmFile,
  access: MemoryAccessFile,
  path: FieldPath,
  problems: ResolveProblems,
): MemoryAccess {
  const pages = Math.floor(vm.memory / pageBytes);
  if (access.kind === 'recorded') {
    checkRecording(access.rounds, access.last, pages, [...path, 'memory_access'], problems);
    const rounds = access.rounds.map(({ sent, dirtied }) => ({ sentPages: sent / pageBytes, dirtied }));
    return { detail: 'replay', pages, rounds, lastPages: access.last / pageBytes };
  }
  const place = [...path, 'memory_access', 'regions'];
  const taken = access.regions.reduce((sum, region) => sum + (pagesOf(region) ?? 0), 0);
  const rests = access.regions.filter((region) => pagesOf(region) === null).length;
  if (rests > 1) problems.add(place, '`pages: rest` is written more than once', 'once');
  if (taken > pages)
    problems.add(place, `the regions have ${taken} pages, the VM has ${pages}`, 'fewer pages');
  if (rests === 0 && taken < pages) {
    problems.add(
      place,
      `the regions have ${taken} of the VM’s ${pages} pages`,
      'a region with `pages: rest`',
    );
  }
  access.regions.forEach((region, index) => {
    checkMemoryRegion(region, pages - taken, [...place, index], problems);
  });
  const { cpu_share, backlog, backlog_jitter } = access.pacing;
  return {
    detail: access.detail,
    regions: access.regions.map((region) => memoryRegion(region, Math.max(0, pages - taken))),
    pacing: { cpuShare: cpu_share, backlogNs: backlog, backlogJitterNs: backlog_jitter },
  };
}

/** Pages of a region; null for those that take the rest. */
function pagesOf(region: MemoryRegionFile): number | null {
  if (region.kind !== 'kernel') return region.pages;
  return pageClasses([{ kind: 'kernel' }], null).reduce((sum, { pages }) => sum + pages, 0);
}

function memoryRegion(region: MemoryRegionFile, restPages: number): MemoryRegion {
  const plain = plainRegion(region, restPages);
  if (region.kind === 'kernel' || region.compresses_to === 1) return plain;
  return { kind: 'compressible', compressedShare: region.compresses_to, region: plain };
}

function plainRegion(region: MemoryRegionFile, restPages: number): PlainRegion {
  if (region.kind === 'kernel') return { kind: 'kernel' };
  const pages = region.pages ?? restPages;
  switch (region.kind) {
    case 'unwritten':
      return { kind: 'unwritten', pages, content: region.content };
    case 'growth':
      return {
        kind: 'growth',
        pages,
        pagesInOneSecond: region.pages_in_one_second,
        exponent: region.exponent,
        schedule: writeSchedule(region.schedule),
      };
    case 'measured': {
      const windows = region.windows.map((sample) => ({ windowS: sample.window / s, pages: sample.pages }));
      return { kind: 'measured', pages, windows };
    }
    case 'rewritten':
      return { kind: 'rewritten', pages };
    case 'uniform':
    case 'hot-cold':
    case 'sweep':
    case 'zipf':
      return writtenRegion(region, pages);
  }
}

type WrittenRegion = Extract<MemoryRegionFile, { writes: unknown }>;

function writtenRegion(region: WrittenRegion, pages: number): PlainRegion {
  const shared = { pages, writesPerS: region.writes, schedule: writeSchedule(region.schedule) };
  switch (region.kind) {
    case 'uniform':
      return { kind: 'uniform', ...shared };
    case 'hot-cold':
      return { kind: 'hot-cold', ...shared, hotShare: region.hot, hotWriteShare: region.hot_writes };
    case 'sweep':
      return { kind: 'sweep', ...shared, startPage: region.start_page };
    case 'zipf':
      return { kind: 'zipf', ...shared, exponent: region.exponent };
  }
}

function writeSchedule(schedule: WrittenRegion['schedule']): RegionSchedule {
  switch (schedule.kind) {
    case 'constant':
      return { kind: 'constant' };
    case 'bursts':
      return { kind: 'bursts', onNs: schedule.on, offNs: schedule.off, phaseNs: schedule.phase };
    case 'varying':
      return { kind: 'varying', intervalNs: schedule.interval, deviation: schedule.deviation };
    case 'phases': {
      const steps = schedule.steps.map(({ duration, factor }) => ({ durationNs: duration, factor }));
      return { kind: 'phases', steps, repeats: schedule.repeats };
    }
  }
}
