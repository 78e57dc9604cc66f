import type { Problem } from '../../sim/assert.ts';
import { ScenarioError } from '../../sim/assert.ts';
import { s } from '../../sim/time.ts';
import type { GuestClock } from './guest-clock.ts';
import type { GuestMemory, TakeLimit, TakenPages } from './guest-memory.ts';
import { cpuBound, pageBytes } from './memory-access.ts';
import type { ReplayedMemory, ReplayedRound } from './memory-access.ts';

/**
 * A recorded migration in place of a guest: each round finds to send what the recorded one sent, and each look
 * at the log what was dirtied then. After the recorded rounds come the pages of the recorded stop phase.
 */
export class ReplayedGuestMemory implements GuestMemory {
  readonly pages: number;
  readonly pacing = cpuBound;
  pendingPages = 0;
  private readonly record: ReplayedMemory;
  private readonly clock: GuestClock;
  private round = 0;
  private readNs = 0;

  constructor(record: ReplayedMemory, clock: GuestClock) {
    this.record = record;
    this.clock = clock;
    this.pages = record.pages;
  }

  trackAll(): void {
    this.round = 0;
    this.readNs = this.clock.guestNs;
    this.pendingPages = this.current?.sentPages ?? this.record.lastPages;
  }

  rewind(): void {
    // A record has no places.
  }

  sync(): number {
    const dirtied = this.dirtiedPages();
    this.round++;
    this.readNs = this.clock.guestNs;
    this.pendingPages = this.current?.sentPages ?? this.record.lastPages;
    return dirtied;
  }

  dirtiedPages(): number {
    const dirtied = this.current?.dirtied;
    if (dirtied === undefined) return 0;
    if (dirtied.kind === 'pages') return dirtied.pages;
    return (dirtied.bitsPerS * (this.clock.guestNs - this.readNs)) / s / 8 / pageBytes;
  }

  take(limit: TakeLimit): TakenPages {
    if (limit.delta !== null || limit.compression.kind !== 'none') throw new ScenarioError([needsContents]);
    const byBytes = Math.floor(limit.bytesMax / limit.dataPageBytes) + 1;
    const dataPages = Math.min(this.pendingPages, limit.pagesMax, byBytes);
    this.pendingPages -= dataPages;
    const firstPages = this.round === 0 ? dataPages : 0;
    return { dataPages, zeroPages: 0, firstPages, skippedPages: 0, bytes: dataPages * limit.dataPageBytes };
  }

  touch(): 'done' {
    return 'done';
  }

  private get current(): ReplayedRound | undefined {
    return this.record.rounds[this.round];
  }
}

const needsContents: Problem = {
  place: 'memory_access.kind',
  message: 'a recorded migration does not say what its pages hold, which compression needs',
  allowed: 'written',
};
