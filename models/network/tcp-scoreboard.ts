import { assert } from '../../sim/assert.ts';
import { stampOf } from './rtt-estimator.ts';

/** A range of offsets that was sent and is not acknowledged. */
export class SentRange {
  start = 0;
  end = 0;
  /** Segments that it takes; a SYN and a FIN take one at least. */
  segments = 1;
  /** Of the latest transmission; and how many the connection had made before, since many leave at once. */
  sentNs = -Infinity;
  order = 0;
  transmissions = 1;
  sacked = false;
  lost = false;
  /** Sent again after it was found lost, and not found lost again since. */
  resent = false;
  /** The range after it, null for the last. */
  next: SentRange | null = null;
}

/** What an acknowledgement told that was not known before. */
export interface NewlyDelivered {
  segments: number;
  /**
   * Round trips of the first and of the last range that was sent only once, -1 without one: of those acknowledged, where
   * none of these was sent again (Karn), otherwise of those selectively acknowledged (net/ipv4/tcp_input.c, tcp_clean_rtx_queue).
   */
  rttNs: number;
  lastRttNs: number;
  /** Of the first selectively acknowledged range that was sent only once, -1 without one. */
  sackedRttNs: number;
  /**
   * Of those that RACK takes: the round trip of the last acknowledged, otherwise of the last selectively acknowledged, -1
   * without any, as the kernel comes to them; order and end of the one sent last (net/ipv4/tcp_recovery.c, tcp_rack_advance).
   */
  rackRttNs: number;
  order: number;
  end: number;
  /** The least end of a range that was sent only once, Infinity without one. */
  originalEnd: number;
}

/** The result of the latest acknowledgement of any connection: to be read at once. */
const news: NewlyDelivered = {
  segments: 0,
  rttNs: -1,
  lastRttNs: -1,
  sackedRttNs: -1,
  rackRttNs: -1,
  order: -1,
  end: 0,
  originalEnd: Infinity,
};

/**
 * What is on its way: ranges in order of offset, which of them were selectively acknowledged, which are held
 * lost, and what is in flight, in segments however short they are (RFC 6675, 2 and 4; Linux, include/net/tcp.h,
 * tcp_packets_in_flight; net/ipv4/tcp_input.c, tcp_sacktag_write_queue).
 *
 * A list, since most ends have no range or one, and large ones lose them at the front.
 */
export interface TcpScoreboard {
  /** The oldest range, null when nothing is on its way. */
  firstRange: SentRange | null;
  lastRange: SentRange | null;
  /** A range that is acknowledged, to be used again: most ends have one range at a time. */
  spareRange: SentRange | null;
  readonly segmentBytes: number;
  /** One past the last byte written, where a FIN has its offset. */
  readonly endOffset: number;
  /** On their way, the others included. */
  sentSegments: number;
  sackedSegments: number;
  lostSegments: number;
  /** Lost and sent again. */
  resentSegments: number;
  /** How often a range was found lost. */
  losses: number;
  /** How often one was sent. */
  transmissions: number;
}

/** Segments thought to be in the network. */
export function inFlightSegments(board: TcpScoreboard): number {
  return board.sentSegments - board.sackedSegments - board.lostSegments + board.resentSegments;
}

/** Whether something lost was not sent again. */
export function owesLost(board: TcpScoreboard): boolean {
  return board.lostSegments !== board.resentSegments;
}

export function addRange(board: TcpScoreboard, start: number, end: number, nowNs: number): SentRange {
  const range = blankRange(board);
  range.start = start;
  range.end = end;
  range.segments = segmentsBetween(board, start, end);
  range.sentNs = nowNs;
  range.order = board.transmissions++;
  board.sentSegments += range.segments;
  if (board.lastRange === null) board.firstRange = range;
  else board.lastRange.next = range;
  board.lastRange = range;
  return range;
}

/**
 * Takes out all below `offset` and marks what the SACK blocks (offsets) name; `echo` is the timestamp echoed, or -1, and
 * `leastNs` the shortest round trip so far. One result object is reused by all.
 */
export function takeAcknowledgement(
  board: TcpScoreboard,
  offset: number,
  sackBlocks: readonly number[] | null,
  echo: number,
  leastNs: number,
  nowNs: number,
): NewlyDelivered {
  news.segments = 0;
  news.rttNs = -1;
  news.lastRttNs = -1;
  news.sackedRttNs = -1;
  news.rackRttNs = -1;
  news.order = -1;
  news.end = 0;
  news.originalEnd = Infinity;
  removeBelow(board, offset, echo, leastNs, nowNs);
  if (sackBlocks === null) return news;
  const { rttNs, lastRttNs, rackRttNs } = news;
  news.rttNs = -1;
  markSacked(board, sackBlocks, leastNs, nowNs);
  news.sackedRttNs = news.rttNs;
  if (rackRttNs >= 0) news.rackRttNs = rackRttNs;
  if (rttNs < 0) return news;
  news.rttNs = rttNs;
  news.lastRttNs = lastRttNs;
  return news;
}

/** After a timeout: everything not selectively acknowledged is lost. */
export function loseAll(board: TcpScoreboard): void {
  for (let range = board.firstRange; range !== null; range = range.next)
    if (!range.sacked) loseRange(board, range);
}

/** Nothing was lost after all. */
export function loseNone(board: TcpScoreboard): void {
  for (let range = board.firstRange; range !== null; range = range.next) forgetMarks(board, range);
}

/** Loses what lies below at least so many selectively acknowledged segments (RFC 6675, 4, IsLost). */
export function loseBelowSacked(board: TcpScoreboard, segments: number): void {
  let above = board.sackedSegments;
  for (let range = board.firstRange; range !== null && above >= segments; range = range.next) {
    if (range.sacked) above -= range.segments;
    else if (!range.lost) loseRange(board, range);
  }
}

export function loseFirst(board: TcpScoreboard): void {
  const { firstRange: first } = board;
  if (first !== null && !first.lost && !first.sacked) loseRange(board, first);
}

export function loseRange(board: TcpScoreboard, range: SentRange): void {
  if (range.resent) board.resentSegments -= range.segments;
  if (!range.lost) board.lostSegments += range.segments;
  range.lost = true;
  range.resent = false;
  board.losses++;
}

/** The first lost range that was not sent again, at most so many segments of it; null when there is none. */
export function nextLost(board: TcpScoreboard, segmentsMax: number): SentRange | null {
  if (!owesLost(board)) return null;
  let range = board.firstRange;
  while (range !== null && (!range.lost || range.resent)) range = range.next;
  assert(range !== null, 'lost segments are those of lost ranges');
  if (range.segments > segmentsMax) splitRange(board, range, range.start + segmentsMax * board.segmentBytes);
  return range;
}

/** Notes that a range is sent again. */
export function transmitAgain(board: TcpScoreboard, range: SentRange, nowNs: number): void {
  if (range.lost && !range.resent) {
    range.resent = true;
    board.resentSegments += range.segments;
  }
  range.sentNs = nowNs;
  range.order = board.transmissions++;
  range.transmissions++;
}

/** The last segment; null when nothing is on its way. */
export function tailSegment(board: TcpScoreboard): SentRange | null {
  const { lastRange: last } = board;
  if (last === null || last.segments === 1) return last;
  return splitRange(board, last, last.start + (last.segments - 1) * board.segmentBytes);
}

/**
 * Puts the segments that follow into one that is to be sent again, as far as they fit (RFC 9293, 3.7.1; Linux,
 * net/ipv4/tcp_output.c, tcp_retrans_try_collapse, tcp_retrans_collapse = 1).
 */
export function joinFollowing(board: TcpScoreboard, range: SentRange, offsetMax: number): void {
  if (range.start === 0 || range.segments > 1) return;
  for (let after = range.next; after !== null; after = range.next) {
    const bytes = Math.min(after.end, board.endOffset) - range.start;
    if (after.segments > 1 || after.sacked || bytes > board.segmentBytes || after.end > offsetMax) return;
    forgetMarks(board, after);
    board.sentSegments--;
    range.end = after.end;
    range.transmissions = Math.max(range.transmissions, after.transmissions);
    range.next = after.next;
    if (board.lastRange === after) board.lastRange = range;
  }
}

function blankRange(board: TcpScoreboard): SentRange {
  const { spareRange: spare } = board;
  if (spare === null) return new SentRange();
  board.spareRange = null;
  spare.transmissions = 1;
  spare.sacked = false;
  spare.next = null;
  return spare;
}

function removeBelow(
  board: TcpScoreboard,
  offset: number,
  echo: number,
  leastNs: number,
  nowNs: number,
): void {
  let range = board.firstRange;
  let again = false;
  while (range !== null && range.start < offset) {
    if (range.end > offset) splitRange(board, range, offset);
    if (range.transmissions > 1) again = true;
    forgetMarks(board, range);
    board.sentSegments -= range.segments;
    if (range.sacked) board.sackedSegments -= range.segments;
    else noteDelivered(range, echo, leastNs, nowNs);
    board.spareRange = range;
    range = range.next;
  }
  if (again) news.rttNs = -1;
  board.firstRange = range;
  if (range === null) board.lastRange = null;
}

/** In the order of offsets, as the kernel sorts the blocks (net/ipv4/tcp_input.c, tcp_sacktag_write_queue). */
function markSacked(board: TcpScoreboard, blocks: readonly number[], leastNs: number, nowNs: number): void {
  let done = -Infinity;
  for (let i = 0; i < blocks.length; i += 2) {
    let at = -1;
    for (let j = 0; j < blocks.length; j += 2)
      if (blocks[j]! > done && (at < 0 || blocks[j]! < blocks[at]!)) at = j;
    if (at < 0) return;
    done = blocks[at]!;
    sackRange(board, done, blocks[at + 1]!, leastNs, nowNs);
  }
}

function sackRange(board: TcpScoreboard, left: number, right: number, leastNs: number, nowNs: number): void {
  for (let range = board.firstRange; range !== null && range.start < right; range = range.next) {
    if (range.sacked || range.end <= left) continue;
    if (range.start < left) {
      splitRange(board, range, left);
      continue;
    }
    if (range.end > right) splitRange(board, range, right);
    forgetMarks(board, range);
    range.sacked = true;
    board.sackedSegments += range.segments;
    noteDelivered(range, -1, leastNs, nowNs);
  }
}

function forgetMarks(board: TcpScoreboard, range: SentRange): void {
  if (range.lost) board.lostSegments -= range.segments;
  if (range.resent) board.resentSegments -= range.segments;
  range.lost = false;
  range.resent = false;
}

function noteDelivered(range: SentRange, echo: number, leastNs: number, nowNs: number): void {
  news.segments += range.segments;
  const sinceNs = nowNs - range.sentNs;
  if (range.transmissions === 1) {
    news.lastRttNs = sinceNs;
    if (news.rttNs < 0) news.rttNs = sinceNs;
    news.originalEnd = Math.min(news.originalEnd, range.end);
  } else {
    // An earlier transmission has arrived: when, nobody knows (net/ipv4/tcp_input.c, tcp_skb_spurious_retrans).
    if (echo >= 0 && echo < stampOf(range.sentNs)) return;
    // An answer faster than any before may be to the first transmission (RFC 8985, 6.2 step 2).
    if (sinceNs < leastNs) return;
  }
  news.rackRttNs = sinceNs;
  if (range.order < news.order || (range.order === news.order && range.end < news.end)) return;
  news.order = range.order;
  news.end = range.end;
}

/** Cuts a range in two and returns the second. */
function splitRange(board: TcpScoreboard, range: SentRange, at: number): SentRange {
  const rest = Object.assign(new SentRange(), range);
  rest.start = at;
  range.end = at;
  recount(board, range, segmentsBetween(board, range.start, at));
  rest.segments = 0;
  recount(board, rest, segmentsBetween(board, at, rest.end));
  range.next = rest;
  if (board.lastRange === range) board.lastRange = rest;
  return rest;
}

/** A cut within a segment makes one more of it. */
function recount(board: TcpScoreboard, range: SentRange, segments: number): void {
  const more = segments - range.segments;
  board.sentSegments += more;
  if (range.sacked) board.sackedSegments += more;
  if (range.lost) board.lostSegments += more;
  if (range.resent) board.resentSegments += more;
  range.segments = segments;
}

function segmentsBetween({ endOffset, segmentBytes }: TcpScoreboard, start: number, end: number): number {
  const bytes = Math.min(end, endOffset) - start;
  return bytes <= segmentBytes ? 1 : Math.ceil(bytes / segmentBytes);
}
