import { assert } from '../../sim/assert.ts';
import type { Stream } from '../../sim/random.ts';
import { s } from '../../sim/time.ts';
import { fitEvenlyWritten } from './measured-growth.ts';
import type {
  GrowthRegion,
  HotColdRegion,
  MeasuredRegion,
  MemoryRegion,
  PageContent,
  PlainRegion,
  ZipfRegion,
} from './memory-access.ts';
import type { WriteSchedule } from './write-schedule.ts';
import { drawSchedule, writingSeconds } from './write-schedule.ts';

/**
 * Pages that are written alike and lie together: what page-exact and aggregated memory both are made of, so
 * that skipping, the unsent rest and stop rules mean the same in both.
 */
export interface PageClass {
  readonly pages: number;
  readonly content: PageContent;
  /** What is left of a data page when it is compressed, as a share of its bytes; 1 for noise. */
  readonly compressedShare: number;
  readonly writing: Writing;
}

export type Writing =
  | { readonly kind: 'never' }
  | { readonly kind: 'random'; readonly writesPerS: number; readonly schedule: WriteSchedule }
  | {
      readonly kind: 'sweep';
      readonly writesPerS: number;
      readonly startPage: number;
      readonly schedule: WriteSchedule;
    }
  /** Written in any stretch of guest time in which the schedule writes at all. */
  | { readonly kind: 'always'; readonly schedule: WriteSchedule };

/** The classes of the regions, in scan order. Schedules that vary are drawn from `chance`; without, they keep to their mean. */
export function pageClasses(regions: readonly MemoryRegion[], chance: Stream | null): PageClass[] {
  return regions
    .flatMap((region, index) => {
      const plain = region.kind === 'compressible' ? region.region : region;
      const compressedShare = region.kind === 'compressible' ? region.compressedShare : 1;
      return classesOf(plain, drawnFor(plain, chance, index)).map((pageClass) => {
        return { compressedShare, ...pageClass };
      });
    })
    .filter((pageClass) => pageClass.pages > 0);
}

/** How many writes the class has seen by guest time `guestNs`; not rounded. */
export function writesUntil(writing: Writing, guestNs: number): number {
  if (writing.kind === 'never') return 0;
  if (writing.kind === 'always') return s * writingSeconds(writing.schedule, guestNs);
  return writing.writesPerS * writingSeconds(writing.schedule, guestNs);
}

/** First part of the index of draws for schedules: those of single writes and faults have lower ones. */
const scheduleDraws = 2 ** 20;

function drawnFor(region: PlainRegion, chance: Stream | null, index: number): WriteSchedule {
  return 'schedule' in region ? drawSchedule(region.schedule, chance, scheduleDraws + index) : constant;
}

const constant: WriteSchedule = { kind: 'constant' };

type Written = Omit<PageClass, 'compressedShare'>;

function classesOf(region: PlainRegion, schedule: WriteSchedule): Written[] {
  const { kind } = region;
  switch (kind) {
    case 'unwritten':
      return [{ pages: region.pages, content: region.content, writing: { kind: 'never' } }];
    case 'kernel':
      return kernelClasses();
    case 'uniform':
      return [random(region.pages, region.writesPerS, schedule)];
    case 'hot-cold':
      return hotColdClasses(region, schedule);
    case 'sweep': {
      const { pages, writesPerS, startPage } = region;
      return [{ pages, content: 'data', writing: { kind: 'sweep', writesPerS, startPage, schedule } }];
    }
    case 'zipf':
      return zipfClasses(region, schedule);
    case 'growth':
      return growthClasses(region, schedule);
    case 'measured':
      return measuredClasses(region);
    case 'rewritten':
      return [{ pages: region.pages, content: 'data', writing: { kind: 'always', schedule } }];
  }
}

function random(pages: number, writesPerS: number, schedule: WriteSchedule): Written {
  return { pages, content: 'data', writing: { kind: 'random', writesPerS, schedule } };
}

function hotColdClasses(region: HotColdRegion, schedule: WriteSchedule): Written[] {
  const hot = Math.round(region.pages * region.hotShare);
  const hotWritesPerS = region.writesPerS * region.hotWriteShare;
  return [
    random(hot, hotWritesPerS, schedule),
    random(region.pages - hot, region.writesPerS - hotWritesPerS, schedule),
  ];
}

/**
 * ln(1 + t) = ∫ (1 - e^(-rt)) e^(-r) / r dr (Frullani), so 9 ln(1 + t/ms) is what pages do that are spread
 * over ln r, 9 e^(-r) a factor of e. 17 factors of e reach from 3 writes a millisecond down to one in an hour.
 */
function kernelClasses(): Written[] {
  const classes: Written[] = [
    { pages: 10, content: 'data', writing: { kind: 'always', schedule: constant } },
  ];
  for (let exponent = 1; exponent >= -15; exponent--) {
    const perMs = Math.exp(exponent);
    const pages = Math.round(9 * Math.exp(-perMs));
    classes.push(random(pages, pages * perMs * 1000, constant));
  }
  return classes;
}

const zipfClassesMax = 24;

/** Ranks grouped by logarithm; each group shares the writes of its ranks evenly. */
function zipfClasses({ pages, writesPerS, exponent }: ZipfRegion, schedule: WriteSchedule): Written[] {
  const edges = [0];
  for (let i = 1; i <= zipfClassesMax; i++) {
    const edge = Math.round(pages ** (i / zipfClassesMax));
    if (edge > (edges.at(-1) ?? 0)) edges.push(edge);
  }
  const weights = edges.slice(1).map((edge, i) => rankWeight(edges[i] ?? 0, edge, exponent));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight, i) =>
    random((edges[i + 1] ?? 0) - (edges[i] ?? 0), (writesPerS * weight) / sum, schedule),
  );
}

function rankWeight(from: number, to: number, exponent: number): number {
  let weight = 0;
  for (let rank = from + 1; rank <= to; rank++) weight += rank ** -exponent;
  return weight;
}

/** Fast pages first; where the data ask for more pages than the region has, its slowest ones are left out. */
function measuredClasses({ pages, windows }: MeasuredRegion): Written[] {
  let left = pages;
  const classes = fitEvenlyWritten(windows).map((fitted) => {
    const count = Math.min(left, fitted.pages);
    left -= count;
    return random(count, count * fitted.perPageS, constant);
  });
  classes.push({ pages: left, content: 'data', writing: { kind: 'never' } });
  return classes;
}

const growthClassesMax = 25;
const fastestWritesPerS = 2_000;
/** A page that is written once in thirty thousand years is not written. */
const slowestWritesPerS = 1e-12;

/**
 * a t^b = ∫ (1 - e^(-rt)) (ab / Γ(1-b)) r^(-1-b) dr: independent pages whose write rates r have that density.
 * The number of pages with a rate above r is a r^-b / Γ(1-b), so the slowest page of the region has
 * r = (a / Γ(1-b) / pages)^(1/b). Classes lie evenly in ln r; pages faster than the fastest are always dirty.
 */
function growthClasses(region: GrowthRegion, schedule: WriteSchedule): Written[] {
  const { pages, pagesInOneSecond: a, exponent: b } = region;
  assert(b > 0 && b < 1, 'the growth of a dirtied set has an exponent between 0 and 1');
  const scale = a / gamma(1 - b);
  const slowest = Math.max(slowestWritesPerS, (scale / pages) ** (1 / b));
  const fastest = Math.max(fastestWritesPerS, 2 * slowest);
  const ratio = (fastest / slowest) ** (1 / growthClassesMax);
  let faster = Math.round(scale * fastest ** -b);
  const classes: Written[] = [{ pages: faster, content: 'data', writing: { kind: 'always', schedule } }];
  for (let i = 0; i < growthClassesMax; i++) {
    const upper = fastest / ratio ** i;
    const lower = upper / ratio;
    const count = Math.min(pages, Math.round(scale * lower ** -b)) - faster;
    faster += count;
    // The mean rate of the density between the two bounds, not their geometric middle.
    const perPage = ((b / (1 - b)) * (upper ** (1 - b) - lower ** (1 - b))) / (lower ** -b - upper ** -b);
    classes.push(random(count, count * perPage, schedule));
  }
  classes.push({ pages: pages - faster, content: 'data', writing: { kind: 'never' } });
  return classes;
}

/** Lanczos' approximation of Γ (g = 5, n = 6, SIAM J. Numer. Anal. B 1, 1964); relative error below 2e-10. */
function gamma(x: number): number {
  const coefficients = [
    76.18009172947146, -86.50532032941677, 24.01409824083091, -1.231739572450155, 1.208650973866179e-3,
    -5.395239384953e-6,
  ];
  let series = 1.000000000190015;
  coefficients.forEach((coefficient, i) => (series += coefficient / (x + 1 + i)));
  return ((x + 5.5) ** (x + 0.5) * Math.exp(-(x + 5.5)) * Math.sqrt(2 * Math.PI) * series) / x;
}
