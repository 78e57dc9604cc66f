import type { ConnectionSnapshot } from './connection-snapshot.ts';

/** An entry that was removed, as it last was. */
export interface Removal {
  readonly timeNs: number;
  readonly entry: ConnectionSnapshot;
}

/**
 * The last removals of a tracker, so that a copy can be told what is gone. It remembers only while it is open:
 * most of the time nobody copies.
 *
 * It is exact or says that it is not: when more was removed than it holds, {@link since} of a time before the
 * oldest it kept answers null, and the whole table has to be compared.
 */
export class RemovalJournal {
  private readonly capacity: number;
  private readonly removals: Removal[] = [];
  private oldest = 0;
  /** Removals up to this time may be missing. */
  private forgottenToNs = Infinity;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get isOpen(): boolean {
    return this.forgottenToNs !== Infinity;
  }

  /** Starts to remember; removals after `nowNs` are kept. Opening an open journal changes nothing. */
  open(nowNs: number): void {
    if (!this.isOpen) this.forgottenToNs = nowNs;
  }

  /** Stops to remember and forgets. */
  close(): void {
    this.forgottenToNs = Infinity;
    this.removals.length = 0;
    this.oldest = 0;
  }

  add(removal: Removal): void {
    if (this.removals.length < this.capacity) {
      this.removals.push(removal);
      return;
    }
    this.forgottenToNs = this.removals[this.oldest]!.timeNs;
    this.removals[this.oldest] = removal;
    this.oldest = (this.oldest + 1) % this.capacity;
  }

  /** Removals after a time, oldest first; null when some of them are forgotten. */
  since(timeNs: number): readonly Removal[] | null {
    if (timeNs < this.forgottenToNs) return null;
    const ordered = [...this.removals.slice(this.oldest), ...this.removals.slice(0, this.oldest)];
    return ordered.filter((removal) => removal.timeNs > timeNs);
  }
}
