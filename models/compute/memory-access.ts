import type { RegionSchedule } from './write-schedule.ts';

/** Bytes of a guest page. */
export const pageBytes = 4096;

/**
 * How a guest writes its memory: regions in the order in which a linear scan meets them, whose pages add up to
 * the guest's memory, or the record of a migration. All times are guest time.
 */
export type MemoryAccess = WrittenMemory | ReplayedMemory;

export interface WrittenMemory {
  /**
   * `exact` keeps every page; `binomial` keeps counts per page class and draws how many pages were hit;
   * `expected` keeps counts and takes the mean.
   */
  readonly detail: 'exact' | 'binomial' | 'expected';
  readonly regions: readonly MemoryRegion[];
  readonly pacing: Pacing;
}

/** Which pages a guest needs, one after another, before it is itself again at its destination. */
export interface Resumption {
  /** So many of its first pages, which it always needs, then pages drawn from the first `drawnFrom`. */
  readonly firstPages: number;
  readonly drawnPages: number;
  readonly drawnFrom: number;
  /** Then it writes as it does in this much of guest time. */
  readonly writingNs: number;
}

/**
 * A Linux guest, whose kernel fills the first 60 MiB: measured, 20-30 faults before its load runs when half of
 * these pages are still missing (results/reference/golden-qemu.json.gz, post-copy runs).
 */
export const linuxResumption: Resumption = {
  firstPages: 5,
  drawnPages: 24,
  drawnFrom: 15_000,
  writingNs: 2_000_000,
};

/** How a guest takes being slowed down. */
export interface Pacing {
  /** Share of its vCPUs that the guest uses when nothing slows it, above 0 up to 1. */
  readonly cpuShare: number;
  /** It drops work that is later than this, give or take half the jitter; `Infinity`: it makes up for all. */
  readonly backlogNs: number;
  readonly backlogJitterNs: number;
}

/** A guest that computes all the time. */
export const cpuBound: Pacing = { cpuShare: 1, backlogNs: 0, backlogJitterNs: 0 };

/** What a recorded pre-copy sent and found dirtied, round by round, instead of a model of the guest. */
export interface ReplayedMemory {
  readonly detail: 'replay';
  readonly pages: number;
  readonly rounds: readonly ReplayedRound[];
  /** Pages sent in the stop phase. */
  readonly lastPages: number;
}

/** Pages that a round sent, and what the guest wrote meanwhile (pages that were skipped among them). */
export interface ReplayedRound {
  readonly sentPages: number;
  readonly dirtied: ReplayedDirtying;
}

/** Pages in all, or a rate: figures often show the latter. */
export type ReplayedDirtying =
  { readonly kind: 'pages'; readonly pages: number } | { readonly kind: 'rate'; readonly bitsPerS: number };

/** `zero` pages cost a marker on the wire; `ballooned` ones belong to the host and are never sent. */
export type PageContent = 'data' | 'zero' | 'ballooned';

export type MemoryRegion = PlainRegion | CompressibleRegion;

/** A region whose data pages a compressor makes smaller; those of other regions hold noise. */
export interface CompressibleRegion {
  readonly kind: 'compressible';
  /** What is left of a page when it is compressed, as a share of its bytes. */
  readonly compressedShare: number;
  readonly region: PlainRegion;
}

/** How the pages of a region are written. */
export type PlainRegion =
  | UnwrittenRegion
  | KernelRegion
  | UniformRegion
  | HotColdRegion
  | SweepRegion
  | ZipfRegion
  | GrowthRegion
  | MeasuredRegion
  | RewrittenRegion;

/** Pages that are never written while the migration lasts. */
export interface UnwrittenRegion {
  readonly kind: 'unwritten';
  readonly pages: number;
  readonly content: PageContent;
}

/**
 * What a guest kernel writes by itself: about 10 + 9 ln(1 + t/ms) distinct pages in a time t, 50 in 100 ms and
 * 110 in 12 s (measured, idle Linux guest under QEMU 7.2: results/reference/golden-qemu.json.gz).
 */
export interface KernelRegion {
  readonly kind: 'kernel';
}

/** Each write hits a page of the region drawn at random. */
export interface UniformRegion {
  readonly kind: 'uniform';
  readonly pages: number;
  readonly writesPerS: number;
  readonly schedule: RegionSchedule;
}

/** The first `hotShare` of the pages get `hotWriteShare` of the writes; the others get the rest. */
export interface HotColdRegion {
  readonly kind: 'hot-cold';
  readonly pages: number;
  readonly writesPerS: number;
  readonly hotShare: number;
  readonly hotWriteShare: number;
  readonly schedule: RegionSchedule;
}

/** Writes go from page to page in order, from `startPage` on, and start again at the end of the region. */
export interface SweepRegion {
  readonly kind: 'sweep';
  readonly pages: number;
  readonly writesPerS: number;
  readonly startPage: number;
  readonly schedule: RegionSchedule;
}

/** The page of rank k is written in proportion to k^-exponent. */
export interface ZipfRegion {
  readonly kind: 'zipf';
  readonly pages: number;
  readonly writesPerS: number;
  readonly exponent: number;
  readonly schedule: RegionSchedule;
}

/**
 * The number of distinct pages written in t seconds grows as `pagesInOneSecond` · t^`exponent`: the law that
 * the writable working sets of Clark et al. (NSDI 2005, Fig. 3-6 and 9) follow, with exponents of 0.07-0.41.
 */
export interface GrowthRegion {
  readonly kind: 'growth';
  readonly pages: number;
  readonly pagesInOneSecond: number;
  readonly exponent: number;
  readonly schedule: RegionSchedule;
}

/** Distinct pages that a guest wrote in a window of this length. */
export interface DirtySample {
  readonly windowS: number;
  readonly pages: number;
}

/** Distinct pages in windows of several lengths as they were measured; between them and beyond, as pages that fit. */
export interface MeasuredRegion {
  readonly kind: 'measured';
  readonly pages: number;
  readonly windows: readonly DirtySample[];
}

/** All pages are written in any stretch of guest time, however short. */
export interface RewrittenRegion {
  readonly kind: 'rewritten';
  readonly pages: number;
}
