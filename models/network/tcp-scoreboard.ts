import { assert } from '../../sim/assert.ts';

/** A range of offsets that was sent and is not acknowledged. */
export interface SentRange {
  start: number;
  end: number;
  /** Of the latest transmission. */
  sentNs: number;
  transmissions: number;
  sacked: boolean;
  lost: boolean;
  /** Sent again after it was found lost, and not found lost again since. */
  resent: boolean;
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
}

/** The result of the latest acknowledgement of any connection: to be read at once. */
const news: NewlyDelivered = { bytes: 0, rttNs: -1, sentNs: -1, end: 0, resent: false };

/**
 * What is on its way: ranges in order of offset, which of them were selectively acknowledged, which are held
 * lost, and the bytes in flight (RFC 6675, 2 and 4; Linux, net/ipv4/tcp_input.c, tcp_sacktag_write_queue).
 */
export class TcpScoreboard {
  ranges: SentRange[] = [];
  sackedBytes = 0;
  lostBytes = 0;
  /** How often a range was found lost. */
  losses = 0;
  private resentBytes = 0;

  /** Bytes thought to be in the network. */
  get inFlightBytes(): number {
    const first = this.ranges[0];
    if (first === undefined) return 0;
    const outstanding = this.ranges[this.ranges.length - 1]!.end - first.start;
    return outstanding - this.sackedBytes - this.lostBytes + this.resentBytes;
  }

  sent(start: number, end: number, nowNs: number): SentRange {
    const range = { start, end, sentNs: nowNs, transmissions: 1, sacked: false, lost: false, resent: false };
    this.ranges.push(range);
    return range;
  }

  /** Takes out all below `offset` and marks what the SACK blocks (offsets) name. One result object is reused by all. */
  acknowledge(offset: number, sackBlocks: readonly number[] | null, nowNs: number): NewlyDelivered {
    news.bytes = 0;
    news.rttNs = -1;
    news.sentNs = -1;
    news.end = 0;
    news.resent = false;
    this.removeBelow(offset, nowNs);
    if (sackBlocks !== null) {
      for (let i = 0; i < sackBlocks.length; i += 2) this.sack(sackBlocks[i]!, sackBlocks[i + 1]!, nowNs);
    }
    return news;
  }

  /** After a timeout: everything not selectively acknowledged is lost. */
  loseAll(): void {
    for (const range of this.ranges) if (!range.sacked) this.lose(range);
  }

  /** Loses what lies below at least `bytes` of selectively acknowledged data (RFC 6675, 4, IsLost). */
  loseBelowSacked(bytes: number): void {
    let above = 0;
    for (let i = this.ranges.length - 1; i >= 0; i--) {
      const range = this.ranges[i]!;
      if (range.sacked) above += range.end - range.start;
      else if (above >= bytes && !range.lost) this.lose(range);
    }
  }

  loseFirst(): void {
    const first = this.ranges[0];
    if (first !== undefined && !first.lost && !first.sacked) this.lose(first);
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
    if (this.lostBytes === this.resentBytes) return null;
    const index = this.ranges.findIndex((range) => range.lost && !range.resent);
    assert(index >= 0, 'lost bytes are those of lost ranges');
    const range = this.ranges[index]!;
    if (range.end - range.start > bytesMax) this.split(index, range.start + bytesMax);
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
    const last = this.ranges[this.ranges.length - 1];
    if (last === undefined) return null;
    if (last.end - last.start <= bytesMax) return last;
    this.split(this.ranges.length - 1, last.end - bytesMax);
    return this.ranges[this.ranges.length - 1]!;
  }

  private removeBelow(offset: number, nowNs: number): void {
    const { ranges } = this;
    let gone = 0;
    while (gone < ranges.length && ranges[gone]!.end <= offset) {
      const range = ranges[gone++]!;
      this.forgetMarks(range);
      if (range.sacked) this.sackedBytes -= range.end - range.start;
      else this.note(range, nowNs);
    }
    if (gone === 1) ranges.shift();
    else if (gone > 0) ranges.splice(0, gone);
    const first = ranges[0];
    if (first === undefined || first.start >= offset) return;
    this.split(0, offset);
    this.removeBelow(offset, nowNs);
  }

  private sack(left: number, right: number, nowNs: number): void {
    for (let i = 0; i < this.ranges.length; i++) {
      const range = this.ranges[i]!;
      if (range.start >= right) return;
      if (range.sacked || range.end <= left) continue;
      if (range.start < left) {
        this.split(i, left);
        continue;
      }
      if (range.end > right) this.split(i, right);
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
    if (range.transmissions === 1) news.rttNs = nowNs - range.sentNs;
    if (range.sentNs > news.sentNs || (range.sentNs === news.sentNs && range.end > news.end)) {
      news.sentNs = range.sentNs;
      news.end = range.end;
      news.resent = range.transmissions > 1;
    }
  }

  private split(index: number, at: number): void {
    const range = this.ranges[index]!;
    this.ranges.splice(index + 1, 0, { ...range, start: at });
    range.end = at;
  }
}
