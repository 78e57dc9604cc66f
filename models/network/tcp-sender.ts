import { ms, s } from '../../sim/time.ts';
import { createCongestionControl, type CongestionControl } from './congestion-control.ts';
import { hyStartWindow } from './hystart.ts';
import { ProportionalRateReduction } from './proportional-rate-reduction.ts';
import type { RttEstimator } from './rtt-estimator.ts';
import { TcpScoreboard, type NewlyDelivered, type SentRange } from './tcp-scoreboard.ts';
import type { TcpSettings } from './tcp-settings.ts';
import { bytesThatCameTwice, WindowUndo } from './window-undo.ts';

/**
 * The sending half: what is written, what may be sent, how losses are found and what they do to the congestion
 * window. Offsets count from our SYN, which is offset 0; data begin at 1; the FIN has the offset after the last.
 *
 * Phases as Linux's tcp_ca_state: `recovery` after a loss found by ACKs, `loss` after a timeout; both last until
 * all that was sent before is acknowledged (RFC 6675, RFC 5681; net/ipv4/tcp_input.c).
 */
export class TcpSender {
  readonly board = new TcpScoreboard();
  readonly settings: TcpSettings;
  readonly rtt: RttEstimator;
  /** Null as long as it would know no more than the round of slow start under way, see {@link HyStart}. */
  private congestion: CongestionControl | null = null;
  private slowStartEnd = 0;
  private slowStartNs = -Infinity;
  unacknowledged = 0;
  nextOffset = 0;
  /** One past the last byte written. */
  endOffset = 1;
  peerWindowBytes = 65535;
  segmentBytes: number;
  /** Segments; a fraction counts once it is whole. */
  window: number;
  threshold = unknownThreshold;
  phase: 'open' | 'recovery' | 'loss' = 'open';
  /** Timeouts since the last progress. */
  timeouts = 0;
  lastTimeoutNs = -1;
  private recoverOffset = 0;
  /** Brings the window down in the recovery under way; null where that happened at once. */
  private reduction: ProportionalRateReduction | null = null;
  /** The last reduction of the window, null where it can no longer be taken back. */
  private undo: WindowUndo | null = null;
  private duplicates = 0;
  /** Most bytes in flight since the round trip began that ends when `roundEnd` is acknowledged. */
  private usedBytes = 0;
  private roundEnd = 0;
  private rackSentNs = -1;
  private rackEnd = 0;
  private rackRttNs = 0;

  constructor(settings: TcpSettings, rtt: RttEstimator) {
    this.settings = settings;
    this.rtt = rtt;
    this.window = settings.initialWindow;
    this.segmentBytes = settings.segmentBytesMax;
  }

  private get control(): CongestionControl {
    const round = { end: this.slowStartEnd, startNs: this.slowStartNs };
    return (this.congestion ??= createCongestionControl(this.settings, round));
  }

  /** Nothing is on its way and nothing waits to be sent. */
  get idle(): boolean {
    return this.board.first === null && this.nextOffset >= this.endOffset;
  }

  /** Whether an idle sender differs from a new one by its windows and offsets alone. */
  get plain(): boolean {
    return this.phase === 'open' && this.undo === null && this.congestion?.plain !== false;
  }

  /**
   * The end of the next new range from `nextOffset`, or `nextOffset` when nothing may be sent: at most what is
   * written, what both windows allow, and one large segment.
   */
  newRangeEnd(): number {
    const written = this.endOffset - this.nextOffset;
    const peer = this.unacknowledged + this.peerWindowBytes - this.nextOffset;
    const wanted = Math.min(written, peer);
    if (wanted <= 0) return this.nextOffset;
    const room = this.windowRoomBytes();
    // A large segment holds one at least.
    if (wanted <= room && wanted <= this.segmentBytes) return this.nextOffset + wanted;
    const allowed = Math.min(room, this.largestSegmentBytes());
    if (wanted <= allowed) return this.nextOffset + wanted;
    // Where not all may go, whole segments go.
    return this.nextOffset + Math.max(0, Math.floor(allowed / this.segmentBytes)) * this.segmentBytes;
  }

  /** A range to send again now, or null. */
  lostRange(): SentRange | null {
    if (!this.board.owesLost) return null;
    if (this.undo?.sendsNewFirst === true && this.prefersNew(this.undo)) return null;
    const room = this.windowRoomBytes();
    if (room <= 0) return null;
    const segments = Math.floor(Math.min(room, this.largestSegmentBytes()) / this.segmentBytes);
    const range = this.board.nextLost(Math.max(1, segments) * this.segmentBytes);
    return range === null || range.end - range.start > room ? null : range;
  }

  sentNew(end: number, nowNs: number): SentRange {
    const range = this.board.sent(this.nextOffset, end, nowNs);
    this.reduction?.send(this.segments(end - this.nextOffset));
    this.nextOffset = end;
    this.usedBytes = Math.max(this.usedBytes, this.board.inFlightBytes);
    return range;
  }

  /** The SYN/ACK was a cookie, and when it was sent is forgotten: as after a second transmission, no round trip is measured (RFC 6298, 3). */
  sentBefore(nowNs: number): void {
    this.sentAgain(this.sentNew(1, nowNs), nowNs);
  }

  sentAgain(range: SentRange, nowNs: number): void {
    this.board.transmitAgain(range, nowNs);
    this.undo?.sentAgain(range.end - range.start);
    this.reduction?.send(this.segments(range.end - range.start));
  }

  /** Takes an acknowledgement up to `offset`; `duplicate` when it says nothing but that something arrived. Returns whether anything new was delivered. */
  acknowledged(
    offset: number,
    sackBlocks: readonly number[] | null,
    duplicate: boolean,
    nowNs: number,
  ): boolean {
    const progress = offset > this.unacknowledged;
    const news = this.board.acknowledge(offset, sackBlocks, nowNs);
    if (progress) {
      this.unacknowledged = offset;
      this.timeouts = 0;
      this.duplicates = 0;
    } else if (duplicate) this.duplicates++;
    if (news.rttNs >= 0) this.sampleRoundTrip(news.rttNs, nowNs);
    const { losses } = this.board;
    // With nothing left on its way, what comes later is sent later, and RACK begins anew.
    if (this.board.first !== null) this.advanceRack(news, nowNs);
    else this.rackSentNs = -1;
    if (this.undo !== null) {
      this.undo.cameTwice(bytesThatCameTwice(sackBlocks, offset));
      this.reconsider(this.undo, news, progress, duplicate);
    }
    if (this.phase !== 'open' && offset >= this.recoverOffset) this.leaveRecovery();
    this.findLosses(progress, nowNs);
    if (news.bytes > 0 && this.reduction !== null) {
      this.reduce(news.bytes / this.segmentBytes, progress && this.board.losses === losses);
    } else if (progress && news.bytes > 0) this.grow(news.bytes / this.segmentBytes, nowNs);
    this.turnRound();
    return progress || news.bytes > 0;
  }

  /** The retransmission timer expired: all is lost, the window is one segment (RFC 5681, 3.1). */
  timedOut(nowNs: number): void {
    // Not again for losses that recovery has answered (net/ipv4/tcp_input.c, tcp_enter_loss).
    const answered = this.phase === 'recovery' && this.settings.thresholdOf === 'window';
    if (this.timeouts === 0 && !answered) this.lowerThreshold();
    if (this.undo !== null) {
      this.undo.doubted = this.settings.doubtsTimeouts && this.phase !== 'recovery';
      this.undo.sendsNewFirst = false;
    }
    this.control.restart();
    this.reduction = null;
    this.recoverOffset = this.nextOffset;
    this.phase = 'loss';
    this.timeouts++;
    this.lastTimeoutNs = nowNs;
    this.window = 1;
    this.duplicates = 0;
    this.board.loseAll();
  }

  /** Ns until RACK could find further losses, Infinity when it cannot (RFC 8985, 6.2 step 5). */
  findLossesByRack(nowNs: number): number {
    let waitNs = Infinity;
    if (this.rackSentNs < 0) return waitNs;
    const patienceNs = this.rackRttNs + this.reorderingNs();
    let found = false;
    for (let range = this.board.first; range !== null; range = range.next) {
      if (range.sacked || (range.lost && !range.resent)) continue;
      if (range.sentNs > this.rackSentNs || (range.sentNs === this.rackSentNs && range.end >= this.rackEnd)) {
        continue;
      }
      const leftNs = range.sentNs + patienceNs - nowNs;
      if (leftNs <= 0) {
        this.board.lose(range);
        found = true;
      } else waitNs = Math.min(waitNs, leftNs);
    }
    if (found) this.enterRecovery();
    return waitNs;
  }

  /** The wait for reordered segments is over: what is still missing is lost (net/ipv4/tcp_recovery.c, tcp_rack_reo_timeout). */
  reorderingOver(nowNs: number): void {
    const { phase } = this;
    this.findLossesByRack(nowNs);
    if (this.phase !== phase && this.reduction !== null) this.reduce(1, false);
  }

  /** After an idle time longer than the RTO the window shrinks by half per RTO, to the initial one at least (RFC 2861). */
  restartAfterIdle(idleNs: number, rtoNs: number): void {
    const floor = Math.min(this.window, this.settings.initialWindow);
    let leftNs = idleNs - rtoNs;
    while (leftNs > 0 && this.window > floor) {
      this.window = Math.max(floor, this.window / 2);
      leftNs -= rtoNs;
    }
    this.congestion?.resume(idleNs);
  }

  private windowRoomBytes(): number {
    return Math.floor(this.window) * this.segmentBytes - this.board.inFlightBytes;
  }

  /**
   * A segment holds about a millisecond's worth at the pace of the window, at least two frames and at most 64 KiB
   * (net/ipv4/tcp_output.c, tcp_tso_autosize, and tcp_update_pacing_rate: 200 % in slow start, 120 % after).
   */
  private largestSegmentBytes(): number {
    const frame = this.segmentBytes;
    if (!this.settings.segmentationOffload) return frame;
    const largest = Math.floor(65_160 / frame) * frame;
    if (!this.rtt.measured) return largest;
    const pace = this.window < this.threshold / 2 ? 2 : 1.2;
    const bytesPerMs = (pace * this.window * frame * ms) / this.rtt.smoothedNs;
    return Math.min(largest, Math.max(2, Math.floor(bytesPerMs / frame)) * frame);
  }

  private advanceRack(news: NewlyDelivered, nowNs: number): void {
    if (news.sentNs < 0) return;
    const rttNs = nowNs - news.sentNs;
    // An answer faster than any before may be to the first transmission (RFC 8985, 6.2 step 2).
    if (news.resent && rttNs < this.rtt.minNs) return;
    this.rackRttNs = rttNs;
    if (news.sentNs < this.rackSentNs) return;
    this.rackSentNs = news.sentNs;
    this.rackEnd = news.end;
  }

  private findLosses(progress: boolean, nowNs: number): void {
    const { board } = this;
    if (board.first === null) return;
    if (board.sackedBytes > 0) {
      const lostBefore = board.lostBytes;
      board.loseBelowSacked(duplicateThreshold * this.segmentBytes);
      if (board.lostBytes > lostBefore) this.enterRecovery();
      if (this.settings.age === 'linux-6.x') this.findLossesByRack(nowNs);
    } else if (this.duplicates >= duplicateThreshold && this.phase === 'open') {
      board.loseFirst();
      this.enterRecovery();
    } else if (this.phase === 'recovery' && progress) board.loseFirst();
  }

  private enterRecovery(): void {
    if (this.phase !== 'open') return;
    this.lowerThreshold();
    this.recoverOffset = this.nextOffset;
    this.phase = 'recovery';
    // Without selective acknowledgements nobody knows what is delivered.
    if (this.settings.rateReduction === 'proportional' && this.board.sackedBytes > 0) {
      this.reduction = new ProportionalRateReduction(Math.floor(this.window));
    } else this.window = this.threshold;
  }

  /** Three quarters of the window at least are what it comes back to (net/ipv4/tcp.h, tcp_current_ssthresh). */
  private lowerThreshold(): void {
    this.undo = new WindowUndo(this.window, Math.max(this.threshold, 0.75 * this.window), false);
    this.threshold = this.control.thresholdAfterLoss(this.windowAtLoss());
  }

  /** Whether the last reduction was needless, by what an acknowledgement tells (net/ipv4/tcp_input.c, tcp_process_loss). */
  private reconsider(undo: WindowUndo, news: NewlyDelivered, progress: boolean, duplicate: boolean): void {
    undo.sendsNewFirst = false;
    if (undo.proven && (progress || this.phase !== 'loss')) this.takeBack(undo);
    if (!undo.doubted || this.phase !== 'loss') return;
    const sentNew = this.nextOffset > this.recoverOffset;
    // What was never sent again has arrived: the timeout came too early.
    if (news.originalEnd <= this.recoverOffset) this.takeBack(undo);
    else if (sentNew) undo.doubted = news.bytes === 0 && !duplicate;
    else if (progress) undo.sendsNewFirst = true;
  }

  private takeBack(undo: WindowUndo): void {
    if (this.phase === 'loss') this.board.loseNone();
    this.window = Math.max(this.window, undo.window);
    this.threshold = Math.max(this.threshold, undo.threshold);
    this.phase = 'open';
    this.reduction = null;
    this.timeouts = 0;
    this.undo = null;
  }

  /** New data go before lost ones where there are any; otherwise the doubt is over. */
  private prefersNew(undo: WindowUndo): boolean {
    if (this.nextOffset > this.recoverOffset || this.newRangeEnd() > this.nextOffset) return true;
    undo.sendsNewFirst = false;
    undo.doubted = false;
    return false;
  }

  private reduce(delivered: number, safe: boolean): void {
    const inFlight = this.segments(this.board.inFlightBytes);
    const threshold = Math.floor(this.threshold);
    this.window = this.reduction!.windowAfter({ delivered, inFlight, threshold, safe });
  }

  private windowAtLoss(): number {
    if (this.settings.thresholdOf === 'window') return this.window;
    return this.board.inFlightBytes / this.segmentBytes;
  }

  private leaveRecovery(): void {
    if (this.phase === 'recovery') this.window = this.threshold;
    this.reduction = null;
    this.phase = 'open';
  }

  /** Grows only where the window was in use (RFC 7661; net/ipv4/tcp.h, tcp_is_cwnd_limited). */
  private grow(acked: number, nowNs: number): void {
    if (this.phase === 'recovery') return;
    const slowStart = this.window < this.threshold;
    const used = this.usedBytes / this.segmentBytes;
    const limited = slowStart ? this.window < 2 * used : used >= this.window - 2;
    if (!limited && this.phase === 'open') return;
    let left = this.settings.windowGrowth === 'per-ack' ? Math.min(1, acked) : acked;
    if (slowStart) {
      const grown = Math.min(this.window + left, this.threshold);
      left -= grown - this.window;
      this.window = grown;
    }
    if (left > 0) this.window += this.control.increase(left, this.window, nowNs, this.rtt.minNs);
  }

  private sampleRoundTrip(rttNs: number, nowNs: number): void {
    this.rtt.sample(rttNs);
    if (!this.settings.hyStart || this.window >= this.threshold) return;
    if (this.congestion === null && this.window < hyStartWindow) this.turnSlowStartRound(nowNs);
    else if (this.endsSlowStart(rttNs, nowNs)) this.threshold = Math.floor(this.window);
  }

  private turnSlowStartRound(nowNs: number): void {
    if (this.unacknowledged <= this.slowStartEnd) return;
    this.slowStartEnd = this.nextOffset;
    this.slowStartNs = nowNs;
  }

  private endsSlowStart(rttNs: number, nowNs: number): boolean {
    return this.control.endsSlowStart({
      nowNs,
      rttNs,
      rttMinNs: this.rtt.minNs,
      window: this.window,
      acknowledged: this.unacknowledged,
      sent: this.nextOffset,
      burstNs: (burstBytes * this.rtt.smoothedNs) / (2 * this.window * this.segmentBytes),
    });
  }

  /** Segments that so many bytes take. */
  private segments(bytes: number): number {
    return Math.ceil(bytes / this.segmentBytes);
  }

  private turnRound(): void {
    if (this.unacknowledged < this.roundEnd) return;
    this.roundEnd = this.nextOffset;
    this.usedBytes = this.board.inFlightBytes;
  }

  /** A quarter of the shortest round trip; none in recovery and where three segments tell the same (RFC 8985, 6.2 step 4). */
  private reorderingNs(): number {
    const certain = this.board.sackedBytes >= duplicateThreshold * this.segmentBytes;
    if (this.phase !== 'open' || certain) return 0;
    return Math.min(this.rtt.minNs / 4, this.rtt.smoothedNs, s);
  }
}

/** Linux's TCP_INFINITE_SSTHRESH: beyond every window, and a small integer to V8. */
const unknownThreshold = 2 ** 31 - 1;
/** Four of the largest packets (net/ipv4/tcp_cubic.c, hystart_ack_delay). */
const burstBytes = 4 * 65_536;
/** RFC 5681, 3.2. */
const duplicateThreshold = 3;
