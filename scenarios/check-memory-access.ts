import { pageBytes } from '../models/compute/memory-access.ts';
import type { MemoryRegionFile } from './file/memory-access-file.ts';
import type { ResolveProblems } from './resolve-problems.ts';
import type { FieldPath } from './source-problem.ts';

/** A region has pages, and one that is written is written at some rate. `restPages` are what the others leave. */
export function checkMemoryRegion(
  region: MemoryRegionFile,
  restPages: number,
  place: FieldPath,
  problems: ResolveProblems,
): void {
  if (region.kind === 'measured') checkWindows(region, [...place, 'windows'], problems);
  if ('schedule' in region) checkSchedule(region.schedule, [...place, 'schedule'], problems);
  const nothing = (key: string): void => {
    problems.add([...place, key], 'a rate of zero writes nothing', 'above 0, or kind: unwritten');
  };
  if ('writes' in region && region.writes === 0) nothing('writes');
  if (region.kind === 'kernel') return;
  const pages = region.pages ?? restPages;
  if (region.kind === 'hot-cold' && pages > 0) checkHotPages(region, pages, place, problems);
  if (region.kind === 'sweep' && pages > 0 && region.start_page >= pages) {
    problems.add([...place, 'start_page'], `the region has ${pages} pages`, `0 to ${pages - 1}`);
  }
  if (region.kind === 'growth' && region.pages_in_one_second === 0) nothing('pages_in_one_second');
  if (region.pages === 0) problems.add([...place, 'pages'], 'a region without pages', 'a page or more');
  if (region.pages === null && region.kind !== 'unwritten' && restPages === 0) {
    problems.add(
      [...place, 'pages'],
      'the other regions leave nothing to write',
      'fewer pages in the others',
    );
  }
}

/** No round sends more than the VM has. */
export function checkRecording(
  rounds: readonly { readonly sent: number }[],
  last: number,
  pages: number,
  place: FieldPath,
  problems: ResolveProblems,
): void {
  const check = (bytes: number, ...key: FieldPath): void => {
    if (bytes <= pages * pageBytes) return;
    problems.add([...place, ...key], `the VM has ${pages} pages`, 'no more than that');
  };
  rounds.forEach(({ sent }, i) => {
    check(sent, 'rounds', i, 'sent');
  });
  check(last, 'last');
}

/** Writes hit pages that exist. */
function checkHotPages(
  { hot, hot_writes }: Extract<MemoryRegionFile, { kind: 'hot-cold' }>,
  pages: number,
  place: FieldPath,
  problems: ResolveProblems,
): void {
  const hotPages = Math.round(pages * hot);
  if (hotPages === 0 && hot_writes > 0) {
    problems.add([...place, 'hot'], 'is less than a page, which the hot writes would hit', 'a page or more');
  }
  if (hotPages === pages && hot_writes < 1) {
    problems.add([...place, 'hot'], 'leaves no page for the other writes', 'less, or hot_writes of 100 %');
  }
}

/** Longer windows come later and have no fewer pages; none has more than the region. */
function checkWindows(
  { windows, pages }: Extract<MemoryRegionFile, { kind: 'measured' }>,
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
  schedule: Extract<MemoryRegionFile, { writes: unknown }>['schedule'],
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
  else if (schedule.steps.every(({ factor }) => factor === 0)) {
    problems.add([...place, 'steps'], 'every factor is 0: nothing is ever written', 'a factor above 0');
  }
  schedule.steps.forEach(({ duration }, i) => length(duration, 'steps', i, 'duration'));
}
