import type { Stream } from '../../sim/random.ts';
import { AggregatedGuestMemory } from './aggregated-guest-memory.ts';
import { ExactGuestMemory } from './exact-guest-memory.ts';
import type { GuestClock } from './guest-clock.ts';
import { linuxResumption } from './memory-access.ts';
import type { MemoryAccess, Pacing, Resumption } from './memory-access.ts';
import { pageClasses } from './page-class.ts';
import { ReplayedGuestMemory } from './replayed-guest-memory.ts';

/** In which order a scan meets the pages: by address, or scattered (Xen's rotation of 10 bits, 2005). */
export type ScanOrder = 'linear' | 'random';

/**
 * What a migration sees of a guest's memory: which pages are to be sent (*pending*), and a log of those
 * written since the last `sync`. A page taken to be sent is no longer pending; one that is written before it
 * is taken stays in the log, and so will be sent again.
 */
export interface GuestMemory {
  /** Pages that can be sent at all; ballooned ones are not among them. */
  readonly pages: number;
  readonly pacing: Pacing;
  readonly pendingPages: number;
  /** Starts a migration: every page is pending, the log is empty, the scan starts at the first page. */
  trackAll(order: ScanOrder): void;
  /** The scan goes on from the first page. */
  rewind(): void;
  /** Moves the log into the pending pages; returns how many of them were not pending before. */
  sync(): number;
  /** Pages in the log: written since the last `sync`, pending or not. */
  dirtiedPages(): number;
  /** Takes pending pages from where the scan stopped, around the end to the beginning. */
  take(limit: TakeLimit): TakenPages;
  /**
   * The resumed guest touches the `index`-th page that it needs: takes it when it is still pending (`missing`),
   * does nothing when it is there, and says `done` after the last one.
   */
  touch(index: number): 'missing' | 'there' | 'done';
}

export interface TakeLimit {
  /** Stops once this many pages have been taken. */
  readonly pagesMax: number;
  /** Stops after the page with which this many bytes are exceeded; Infinity for no limit. */
  readonly bytesMax: number;
  readonly dataPageBytes: number;
  readonly zeroPageBytes: number;
  /** Passes over pages that are in the log: they stay there, but are no longer pending. */
  readonly skipDirtied: boolean;
  /** What a page costs when delta compression is on; null without. */
  readonly delta: DeltaEncoder | null;
  readonly compression: PageCompression;
}

/** Whether pages are compressed, each by itself; `headerBytes` belong to a compressed page. */
export type PageCompression =
  { readonly kind: 'none' } | { readonly kind: 'threads'; readonly headerBytes: number };

/** Chooses between a page in full and the difference to what the destination has. */
export interface DeltaEncoder {
  /** It takes over from compression once it has begun. */
  readonly enabled: boolean;
  /** Bytes on the wire for this data page, which is now sent. */
  encode(page: number): number;
}

export interface TakenPages {
  readonly dataPages: number;
  readonly zeroPages: number;
  /** Data pages that are taken for the first time: the destination has to make room for them. */
  readonly firstPages: number;
  readonly skippedPages: number;
  readonly bytes: number;
}

/** What of a guest matters besides what it writes. */
export interface GuestHabits {
  readonly pacing: Pacing;
  readonly resumption: Resumption;
}

/** The memory of a guest that writes as `access` says; draws come from `chance`, indexed by write. */
export function createGuestMemory(access: MemoryAccess, clock: GuestClock, chance: Stream): GuestMemory {
  if (access.detail === 'replay') return new ReplayedGuestMemory(access, clock);
  const classes = pageClasses(access.regions, access.detail === 'expected' ? null : chance);
  const habits = { pacing: access.pacing, resumption: linuxResumption };
  return access.detail === 'exact'
    ? new ExactGuestMemory(classes, habits, clock, chance)
    : new AggregatedGuestMemory(classes, habits, clock, access.detail === 'binomial' ? chance : null);
}
