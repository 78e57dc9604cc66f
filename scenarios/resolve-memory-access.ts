import { pageClasses } from '../models/compute/page-class.ts';
import { s } from '../sim/time.ts';
import { pageBytes } from '../models/compute/memory-access.ts';
import type { MemoryAccess, MemoryRegion, PlainRegion } from '../models/compute/memory-access.ts';
import type { RegionSchedule } from '../models/compute/write-schedule.ts';
import type { ScenarioFile } from './file/scenario-file.ts';
import type { ResolveProblems } from './resolve-problems.ts';
import type { FieldPath } from './source-problem.ts';

type VmFile = ScenarioFile['vms'][number];
type MemoryAccessFile = NonNullable<VmFile['memory_access']>;
type Region = Extract<MemoryAccessFile, { kind: 'written' }>['regions'][number];

/** How a VM writes its memory, `rest` filled in and the pages held against its size. */
export function resolveMemoryAccess(
  vm: VmFile,
  access: MemoryAccessFile,
  path: FieldPath,
  problems: ResolveProblems,
): MemoryAccess {
  const pages = Math.floor(vm.memory / pageBytes);
  if (access.kind === 'recorded') {
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
    if (region.kind === 'measured') checkWindows(region, [...place, index, 'windows'], problems);
    if ('schedule' in region) checkSchedule(region.schedule, [...place, index, 'schedule'], problems);
  });
  const { cpu_share, backlog, backlog_jitter } = access.pacing;
  return {
    detail: access.detail,
    regions: access.regions.map((region) => memoryRegion(region, Math.max(0, pages - taken))),
    pacing: { cpuShare: cpu_share, backlogNs: backlog, backlogJitterNs: backlog_jitter },
  };
}

/** Longer windows come later and have no fewer pages; none has more than the region. */
function checkWindows(
  { windows, pages }: Extract<Region, { kind: 'measured' }>,
  place: FieldPath,
  problems: ResolveProblems,
): void {
  if (windows.length === 0) problems.add(place, 'no window is written', 'one window or more');
  windows.forEach((sample, i) => {
    const before = windows[i - 1] ?? { window: 0, pages: 0 };
    if (sample.window <= before.window) {
      problems.add([...place, i, 'window'], 'is not longer than the one before', 'the shortest window first');
    }
    if (sample.pages < Math.max(1, before.pages)) {
      problems.add(
        [...place, i, 'pages'],
        'a longer window has fewer pages',
        `${Math.max(1, before.pages)} or more`,
      );
    }
    if (pages !== null && sample.pages > pages) {
      problems.add([...place, i, 'pages'], `the region has ${pages} pages`, 'no more than that');
    }
  });
}

/** Periods, steps and intervals have lengths. */
function checkSchedule(
  schedule: WrittenRegion['schedule'],
  place: FieldPath,
  problems: ResolveProblems,
): void {
  const length = (ns: number, ...key: FieldPath): void => {
    if (ns === 0) problems.add([...place, ...key], 'has no length', 'more than 0 s');
  };
  if (schedule.kind === 'bursts') length(schedule.on, 'on');
  if (schedule.kind === 'varying') length(schedule.interval, 'interval');
  if (schedule.kind !== 'phases') return;
  if (schedule.steps.length === 0)
    problems.add([...place, 'steps'], 'no step is written', 'one step or more');
  schedule.steps.forEach(({ duration }, i) => length(duration, 'steps', i, 'duration'));
}

/** Pages of a region; null for those that take the rest. */
function pagesOf(region: Region): number | null {
  if (region.kind !== 'kernel') return region.pages;
  return pageClasses([{ kind: 'kernel' }], null).reduce((sum, { pages }) => sum + pages, 0);
}

function memoryRegion(region: Region, restPages: number): MemoryRegion {
  const plain = plainRegion(region, restPages);
  if (region.kind === 'kernel' || region.compresses_to === 1) return plain;
  return { kind: 'compressible', compressedShare: region.compresses_to, region: plain };
}

function plainRegion(region: Region, restPages: number): PlainRegion {
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

type WrittenRegion = Extract<Region, { writes: unknown }>;

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
