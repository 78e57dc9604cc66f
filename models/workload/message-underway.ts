import type { LaterWrite } from './turn.ts';

/** What counts by itself of a message: a piece, or what was written at one time. */
export interface MessagePart {
  readonly bytes: number;
  /** How much of the message has arrived when this has. */
  readonly endBytes: number;
  /** When it was written, where a message is written at several times; otherwise null. */
  readonly writtenNs: number | null;
}

/** A message from its first byte to its last: how much of it was written and has arrived, and in which parts it counts. */
export class MessageUnderway {
  readonly totalBytes: number;
  heardBytes = 0;
  private readonly pieceBytes: number;
  private readonly later: readonly LaterWrite[];
  /** Where each write ends, and when it was made; empty for a message that is written at once. */
  private readonly writes: MessagePart[];

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
    this.writes.push({ bytes, endBytes, writtenNs: nowNs });
  }

  get isWhole(): boolean {
    return this.heardBytes >= this.totalBytes;
  }

  /** The part of this number, counted from 0; null when it is not written yet, or beyond the end. */
  part(number: number): MessagePart | null {
    if (this.later.length > 0) return this.writes[number] ?? null;
    const beginBytes = number === 0 ? 0 : number * this.pieceBytes;
    if (beginBytes >= this.totalBytes) return null;
    const endBytes = Math.min(beginBytes + this.pieceBytes, this.totalBytes);
    return { bytes: endBytes - beginBytes, endBytes, writtenNs: null };
  }
}

/** Shared by all messages that are written at once; never written to. */
const noWrites: MessagePart[] = [];
