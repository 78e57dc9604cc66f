import type { LaterWrite } from './turn.ts';

/** What was written of a message at one time, and how much of it had been written then. */
interface MessageWrite {
  readonly endBytes: number;
  readonly writtenNs: number;
}

/**
 * A message from its first byte to its last: how much of it was written and has arrived, and in which parts it counts
 * by itself. Parts are pieces of one size, or what was written at one time where that is done at several times.
 */
export class MessageUnderway {
  readonly totalBytes: number;
  heardBytes = 0;
  private readonly pieceBytes: number;
  private readonly later: readonly LaterWrite[];
  /** Empty for a message that is written at once. */
  private readonly writes: MessageWrite[];

  /** The first write is made now. */
  constructor(firstBytes: number, later: readonly LaterWrite[], pieceBytes: number, nowNs: number) {
    this.pieceBytes = pieceBytes;
    this.later = later;
    if (later.length === 0) {
      this.totalBytes = firstBytes;
      this.writes = noWrites;
      return;
    }
    this.totalBytes = later.reduce((sum, { bytes }) => sum + bytes, firstBytes);
    this.writes = [];
    this.wrote(firstBytes, nowNs);
  }

  /** The write that is to follow; null after the last. */
  get upcoming(): LaterWrite | null {
    return this.later.length === 0 ? null : (this.later[this.writes.length - 1] ?? null);
  }

  /** Something was added to the message. */
  wrote(bytes: number, nowNs: number): void {
    const endBytes = (this.writes.at(-1)?.endBytes ?? 0) + bytes;
    this.writes.push({ endBytes, writtenNs: nowNs });
  }

  get isWhole(): boolean {
    return this.heardBytes >= this.totalBytes;
  }

  /** Bytes of the part of this number, counted from 0, once it has arrived; -1 before, and beyond the end. */
  arrivedPartBytes(part: number): number {
    const endBytes = this.partEndBytes(part);
    if (endBytes < 0 || this.heardBytes < endBytes) return -1;
    return part === 0 ? endBytes : endBytes - this.partEndBytes(part - 1);
  }

  /** When the part was written; -1 when it is not. Of messages that are written at several times. */
  partWrittenNs(part: number): number {
    return this.writes[part]?.writtenNs ?? -1;
  }

  /** Whether parts are written at times of their own. */
  get isWrittenByParts(): boolean {
    return this.later.length > 0;
  }

  private partEndBytes(part: number): number {
    if (this.later.length > 0) return this.writes[part]?.endBytes ?? -1;
    const beginBytes = part === 0 ? 0 : part * this.pieceBytes;
    return beginBytes < this.totalBytes ? Math.min(beginBytes + this.pieceBytes, this.totalBytes) : -1;
  }
}

/** Shared by all messages that are written at once; never written to. */
const noWrites: MessageWrite[] = [];
