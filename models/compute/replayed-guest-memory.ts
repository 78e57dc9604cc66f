import { assert } from '../../sim/assert.ts';
import type { GuestMemory, TakeLimit, TakenPages } from './guest-memory.ts';
import { cpuBound } from './memory-access.ts';
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
  private round = 0;

  constructor(record: ReplayedMemory) {
    this.record = record;
    this.pages = record.pages;
  }

  trackAll(): void {
    this.round = 0;
    this.pendingPages = this.current?.sentPages ?? this.record.lastPages;
  }

  rewind(): void {
    // A record has no places.
  }

  sync(): number {
    const dirtied = this.dirtiedPages();
    this.round++;
    this.pendingPages = this.current?.sentPages ?? this.record.lastPages;
    return dirtied;
  }

  dirtiedPages(): number {
    return this.current?.dirtiedPages ?? 0;
  }

  take(limit: TakeLimit): TakenPages {
    assert(limit.delta === null, 'a recorded migration has no page contents');
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
