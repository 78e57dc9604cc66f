import type { LaterWrite, Turn } from './turn.ts';

/**
 * A message from its first byte to its last: how much of it was written and has arrived. It counts by parts: pieces of one
 * size, or what was written at one time where that is done at several times. Part of the conversation, which says one after
 * the other and would otherwise make an object for each.
 */
export interface MessageUnderway {
  /** -1 when nobody speaks. */
  totalBytes: number;
  heardBytes: number;
  /** {@link noWrites} for a message that is written at once. */
  writes: MessageWrite[];
}

/** What was written of a message at one time, and how much of it had been written then. */
export interface MessageWrite {
  readonly endBytes: number;
  readonly writtenNs: number;
}

/** Shared by all messages that are written at once; never written to. */
export const noWrites: MessageWrite[] = [];

/** The first write of a turn is made now. */
export function beginMessage(
  message: MessageUnderway,
  { later }: Turn,
  firstBytes: number,
  nowNs: number,
): void {
  message.heardBytes = 0;
  message.totalBytes = firstBytes;
  if (later.length === 0) return;
  for (const { bytes } of later) message.totalBytes += bytes;
  message.writes = [];
  noteWrite(message, firstBytes, nowNs);
}

/** The write that is to follow; null after the last. */
export function upcomingWrite({ totalBytes, writes }: MessageUnderway, { later }: Turn): LaterWrite | null {
  if (totalBytes < 0 || later.length === 0) return null;
  return later[writes.length - 1] ?? null;
}

/** Something was added to the message. */
export function noteWrite({ writes }: MessageUnderway, bytes: number, nowNs: number): void {
  const endBytes = (writes.at(-1)?.endBytes ?? 0) + bytes;
  writes.push({ endBytes, writtenNs: nowNs });
}

/** Bytes of the part of this number, counted from 0, once it has arrived; -1 before, and beyond the end. */
export function arrivedPartBytes(message: MessageUnderway, turn: Turn, part: number): number {
  const endBytes = partEndBytes(message, turn, part);
  if (endBytes < 0 || message.heardBytes < endBytes) return -1;
  return part === 0 ? endBytes : endBytes - partEndBytes(message, turn, part - 1);
}

/** When the part of a message that is written at several times was written; -1 when it is not. */
export function partWrittenNs({ writes }: MessageUnderway, part: number): number {
  return writes[part]?.writtenNs ?? -1;
}

function partEndBytes(
  { totalBytes, writes }: MessageUnderway,
  { later, pieceBytes }: Turn,
  part: number,
): number {
  if (later.length > 0) return writes[part]?.endBytes ?? -1;
  const beginBytes = part === 0 ? 0 : part * pieceBytes;
  return beginBytes < totalBytes ? Math.min(beginBytes + pieceBytes, totalBytes) : -1;
}
