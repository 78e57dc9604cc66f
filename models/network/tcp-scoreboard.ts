import { assert } from '../../sim/assert.ts';

/** A range of offsets that was sent and is not acknowledged. */
export class SentRange {
  start = 0;
  end = 0;
  /** Of the latest transmission. */
  sentNs = -Infinity;
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
  bytes: number;
  /** Round trip of the latest sent range that was sent only once, -1 without one (Karn). */
  rttNs: number;
  /** When the latest sent of the newly delivered ranges was sent, -1 when nothing was delivered; and its end. */
  sentNs: number;
  end: number;
  resent: boolean;
  /** The least end of a range that was sent only once, Infinity without one. */
  originalEnd: number;
}

/** The result of the latest acknowledgement of any connection: to be read at once. */
const news: NewlyDelivered = {
  bytes: 0,
  rttNs: -1,
  sentNs: -1,
  end: 0,
  resent: false,
  originalEnd: Infinity,
};

/**
 * What is on its way: ranges in order of offset, which of them were selectively acknowledged, which are held
 * lost, and the bytes in flight (RFC 6675, 2 and 4; Linux, net/ipv4/tcp_input.c, tcp_sacktag_write_queue).
 *
 * A list, since most ends have no range or one, and large ones lose them at the front.
 */
export class TcpScoreboard {
  /** The oldest range, null when nothing is on its way. */
  first: SentRange | null = null;
  private last: SentRange | null = null;
  /** A range that is acknowledged, to be used again: most ends have one range at a time. */
  private spare: SentRange | null = null;
  sackedBytes = 0;
  lostBytes = 0;
  /** How often a range was found lost. */
  losses = 0;
  private resentBytes = 0;

  /** Bytes thought to be in the network. */
  get inFlightBytes(): number {
    if (this.first === null) return 0;
    const outstanding = this.last!.end - this.first.start;
    return outstanding - this.sackedBytes - this.lostBytes + this.resentBytes;
  }

  /** Whether something lost was not sent again. */
  get owesLost(): boolean {
    return this.lostBytes !== this.resentBytes;
  }

  sent(start: number, end: number, nowNs: number): SentRange {
    const range = this.blankRange();
    range.start = start;
    range.end = end;
    range.sentNs = nowNs;
    if (this.last === null) this.first = range;
    else this.last.next = range;
    this.last = range;
    return range;
  }

  /** Takes out all below `offset` and marks what the SACK blocks (offsets) name. One result object is reused by all. */
  acknowledge(offset: number, sackBlocks: readonly number[] | null, nowNs: number): NewlyDelivered {
    news.bytes = 0;
    news.rttNs = -1;
    news.sentNs = -1;
    news.end = 0;
    news.resent = false;
    news.originalEnd = Infinity;
    this.removeBelow(offset, nowNs);
    if (sackBlocks !== null) {
      for (let i = 0; i < sackBlocks.length; i += 2) this.sack(sackBlocks[i]!, sackBlocks[i + 1]!, nowNs);
    }
    return news;
  }

  /** After a timeout: everything not selectively acknowledged is lost. */
  loseAll(): void {
    for (let range = this.first; range !== null; range = range.next) if (!range.sacked) this.lose(range);
  }

  /** Nothing was lost after all. */
  loseNone(): void {
    for (let range = this.first; range !== null; range = range.next) this.forgetMarks(range);
  }

  /** Loses what lies below at least `bytes` of selectively acknowledged data (RFC 6675, 4, IsLost). */
  loseBelowSacked(bytes: number): void {
    let above = this.sackedBytes;
    for (let range = this.first; range !== null && above >= bytes; range = range.next) {
      if (range.sacked) above -= range.end - range.start;
      else if (!range.lost) this.lose(range);
    }
  }

  loseFirst(): void {
    const { first } = this;
    if (first !== null && !first.lost && !first.sacked) this.lose(first);
  }

  lose(range: SentRange): void {
    if (range.resent) this.resentBytes -= range.end - range.start;
    if (!range.lost) this.lostBytes += range.end - range.start;
    range.lost = true;
    range.resent = false;
    this.losses++;
  }

  /** The first lost range that was not sent again, at most `bytesMax` of it; null when there is none. */
  nextLost(bytesMax: number): SentRange | null {
    if (!this.owesLost) return null;
    let range = this.first;
    while (range !== null && (!range.lost || range.resent)) range = range.next;
    assert(range !== null, 'lost bytes are those of lost ranges');
    if (range.end - range.start > bytesMax) this.split(range, range.start + bytesMax);
    return range;
  }

  /** Notes that a range is sent again. */
  transmitAgain(range: SentRange, nowNs: number): void {
    if (range.lost && !range.resent) {
      range.resent = true;
      this.resentBytes += range.end - range.start;
    }
    range.sentNs = nowNs;
    range.transmissions++;
  }

  /** The last range, cut to at most `bytesMax` at its end; null when nothing is on its way. */
  tail(bytesMax: number): SentRange | null {
    const { last } = this;
    if (last === null || last.end - last.start <= bytesMax) return last;
    return this.split(last, last.end - bytesMax);
  }

  private blankRange(): SentRange {
    const { spare } = this;
    if (spare === null) return new SentRange();
    this.spare = null;
    spare.transmissions = 1;
    spare.sacked = false;
    spare.next = null;
    return spare;
  }

  private removeBelow(offset: number, nowNs: number): void {
    let range = this.first;
    while (range !== null && range.start < offset) {
      if (range.end > offset) this.split(range, offset);
      this.forgetMarks(range);
      if (range.sacked) this.sackedBytes -= range.end - range.start;
      else this.note(range, nowNs);
      this.spare = range;
      range = range.next;
    }
    this.first = range;
    if (range === null) this.last = null;
  }

  private sack(left: number, right: number, nowNs: number): void {
    for (let range = this.first; range !== null && range.start < right; range = range.next) {
      if (range.sacked || range.end <= left) continue;
      if (range.start < left) {
        this.split(range, left);
        continue;
      }
      if (range.end > right) this.split(range, right);
      this.forgetMarks(range);
      range.sacked = true;
      this.sackedBytes += range.end - range.start;
      this.note(range, nowNs);
    }
  }

  private forgetMarks(range: SentRange): void {
    const bytes = range.end - range.start;
    if (range.lost) this.lostBytes -= bytes;
    if (range.resent) this.resentBytes -= bytes;
    range.lost = false;
    range.resent = false;
  }

  private note(range: SentRange, nowNs: number): void {
    news.bytes += range.end - range.start;
    if (range.transmissions === 1) {
      news.rttNs = nowNs - range.sentNs;
      news.originalEnd = Math.min(news.originalEnd, range.end);
    }
    if (range.sentNs > news.sentNs || (range.sentNs === news.sentNs && range.end > news.end)) {
      news.sentNs = range.sentNs;
      news.end = range.end;
      news.resent = range.transmissions > 1;
    }
  }

  /** Cuts a range in two and returns the second. */
  private split(range: SentRange, at: number): SentRange {
    const rest = Object.assign(new SentRange(), range);
    rest.start = at;
    range.end = at;
    range.next = rest;
    if (this.last === range) this.last = rest;
    return rest;
  }
}
