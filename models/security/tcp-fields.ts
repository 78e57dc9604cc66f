import { Field } from './entry-layout.ts';

/*
 * Small fields of a TCP entry that share words, see entry-layout.ts. `base` is where the row begins.
 */

/** {@link TcpTrackFlag} bits of a direction. */
export function flagsOf(words: Int32Array, base: number, direction: number): number {
  return (words[base + Field.scalesFlags]! >>> (8 + 16 * direction)) & 255;
}

export function setFlags(words: Int32Array, base: number, direction: number, flags: number): void {
  const shift = 8 + 16 * direction;
  const others = words[base + Field.scalesFlags]! & ~(255 << shift);
  words[base + Field.scalesFlags] = others | ((flags & 255) << shift);
}

/** Window scale of a direction, 0 to 14. */
export function scaleOf(words: Int32Array, base: number, direction: number): number {
  return (words[base + Field.scalesFlags]! >>> (16 * direction)) & 15;
}

export function setScale(words: Int32Array, base: number, direction: number, scale: number): void {
  const shift = 16 * direction;
  const others = words[base + Field.scalesFlags]! & ~(15 << shift);
  words[base + Field.scalesFlags] = others | ((scale & 15) << shift);
}

export function tcpStateOf(words: Int32Array, base: number): number {
  return words[base + Field.tcpMisc]! & 15;
}

export function setTcpState(words: Int32Array, base: number, state: number): void {
  words[base + Field.tcpMisc] = (words[base + Field.tcpMisc]! & ~15) | state;
}

/** Event of the last segment that was in window or ignored. */
export function lastEvent(words: Int32Array, base: number): number {
  return (words[base + Field.tcpMisc]! >>> 4) & 7;
}

export function setLastEvent(words: Int32Array, base: number, event: number): void {
  words[base + Field.tcpMisc] = (words[base + Field.tcpMisc]! & ~(7 << 4)) | (event << 4);
}

/** Takes note of a segment that was in window: state, event and direction at once. */
export function setProgress(
  words: Int32Array,
  base: number,
  state: number,
  event: number,
  direction: number,
): void {
  words[base + Field.tcpMisc] =
    (words[base + Field.tcpMisc]! & ~255) | state | (event << 4) | (direction << 7);
}

export function lastDirection(words: Int32Array, base: number): number {
  return (words[base + Field.tcpMisc]! >>> 7) & 1;
}

export function setLastDirection(words: Int32Array, base: number, direction: number): void {
  words[base + Field.tcpMisc] = (words[base + Field.tcpMisc]! & ~(1 << 7)) | (direction << 7);
}

/** Window scale of the last ignored SYN. */
export function lastScale(words: Int32Array, base: number): number {
  return (words[base + Field.tcpMisc]! >>> 8) & 15;
}

export function setLastScale(words: Int32Array, base: number, scale: number): void {
  words[base + Field.tcpMisc] = (words[base + Field.tcpMisc]! & ~(15 << 8)) | (scale << 8);
}

/** {@link TcpTrackFlag} bits of the last ignored SYN, and marks of challenge and simultaneous open. */
export function lastFlags(words: Int32Array, base: number): number {
  return (words[base + Field.tcpMisc]! >>> 12) & 255;
}

export function setLastFlags(words: Int32Array, base: number, flags: number): void {
  words[base + Field.tcpMisc] = (words[base + Field.tcpMisc]! & ~(255 << 12)) | ((flags & 255) << 12);
}

export function retransmissionsOf(words: Int32Array, base: number): number {
  return (words[base + Field.tcpMisc]! >>> 20) & 255;
}

export function setRetransmissions(words: Int32Array, base: number, count: number): void {
  words[base + Field.tcpMisc] = (words[base + Field.tcpMisc]! & ~(255 << 20)) | (count << 20);
}

/** The last segment came from this direction, and was no repetition. */
export function setFirstFrom(words: Int32Array, base: number, direction: number): void {
  const kept = ~((1 << 7) | (255 << 20));
  words[base + Field.tcpMisc] = (words[base + Field.tcpMisc]! & kept) | (direction << 7);
}
