import { ms } from '../../sim/time.ts';
import { controlOf, type Controlled } from './congestion-control.ts';
import { hyStartWindow } from './hystart.ts';
import type { ProportionalRateReduction } from './proportional-rate-reduction.ts';
import { echoedRttNs, rttMeasured, rttMinNs, sampleRtt, stampOf, type RttEstimate } from './rtt-estimator.ts';
import {
  advanceRack,
  findLosses,
  leaveRecovery,
  probeAnswered,
  reconsider,
  reduceWindow,
} from './tcp-recovery.ts';
import {
  addRange,
  inFlightSegments,
  nextLost,
  owesLost,
  takeAcknowledgement,
  transmitAgain,
  type SentRange,
  type TcpScoreboard,
} from './tcp-scoreboard.ts';
import type { TcpSettings } from './tcp-settings.ts';
import { bytesThatCameTwice, type WindowUndo } from './window-undo.ts';

export type SenderPhase = 'open' | 'recovery' | 'loss';

/**
 * The sending half: what is written, what may be sent, how losses are found and what they do to the congestion
 * window. Offsets count from our SYN, which is offset 0; data begin at 1; the FIN has the offset after the last.
 *
 * Phases as Linux's tcp_ca_state: `recovery` after a loss found by ACKs, `loss` after a timeout; both last until
 * all that was sent before is acknowledged (RFC 6675, RFC 5681; net/ipv4/tcp_input.c).
 */
export interface TcpSender extends TcpScoreboard, RttEstimate, Controlled {
  readonly settings: TcpSettings;
  peerWindowBytes: number;
  segmentBytes: number;
  endOffset: number;
  /** Nothing will be written any more. */
  finQueued: boolean;
  /** Segments; a fraction counts once it is whole. */
  window: number;
  threshold: number;
  phase: SenderPhase;
  /** Timeouts since the last progress. */
  timeouts: number;
  lastTimeoutNs: number;
  recoverOffset: number;
  /** Brings the window down in the recovery under way; null where that happened at once. */
  reduction: ProportionalRateReduction | null;
  /** The last reduction of the window, null where it can no longer be taken back. */
  undo: WindowUndo | null;
  duplicates: number;
  /** What was sent when the last tail-loss probe left, -1 once its fate is known; and whether it was a retransmission. */
  probeEnd: number;
  probeRepeats: boolean;
  /** Most segments in flight since the round trip began that ends when `roundEnd` is acknowledged. */
  usedSegments: number;
  roundEnd: number;
  /** The latest sent range that has arrived: its order, -1 without one, where it ended and its round trip. */
  rackOrder: number;
  rackEnd: number;
  rackRttNs: number;
  /** From the last acknowledgement on, until RACK could find further losses; Infinity where it waits for none. */
  reorderingWaitNs: number;
}

/** Nothing is on its way and nothing waits to be sent. */
export function senderIdle(sender: TcpSender): boolean {
  return sender.firstRange === null && sender.nextOffset >= sender.endOffset;
}

/** Whether an idle sender differs from a new one by its windows and offsets alone. */
export function senderPlain(sender: TcpSender): boolean {
  return sender.phase === 'open' && sender.undo === null && sender.congestion?.plain !== false;
}

/**
 * The end of the next new range from `nextOffset`, or `nextOffset` when nothing may be sent: at most what is
 * written, what both windows allow, and one large segment. A FIN goes with the last data, or alone.
 */
export function newRangeEnd(sender: TcpSender): number {
  const written = sender.endOffset - sender.nextOffset;
  if (written <= 0) return finMayGo(sender) ? sender.endOffset + 1 : sender.nextOffset;
  const peer = sender.unacknowledged + sender.peerWindowBytes - sender.nextOffset;
  const wanted = Math.min(written, peer);
  if (wanted <= 0) return sender.nextOffset;
  const room = windowRoom(sender);
  if (room <= 0) return sender.nextOffset;
  // A large segment holds one at least; where not all may go, whole segments go.
  const segment = sender.segmentBytes;
  const allowed = wanted <= segment ? segment : Math.min(room, segmentsTogether(sender)) * segment;
  if (wanted > allowed) return sender.nextOffset + allowed;
  return sender.nextOffset + wanted + (wanted === written && sender.finQueued ? 1 : 0);
}

/** A FIN of its own waits for the congestion window as data do; in older kernels it does not (tcp_cwnd_test). */
function finMayGo(sender: TcpSender): boolean {
  if (!sender.finQueued || sender.nextOffset > sender.endOffset) return false;
  return sender.settings.age === 'linux-2.6' || windowRoom(sender) > 0;
}

/** A range to send again now, or null. */
export function lostRange(sender: TcpSender): SentRange | null {
  if (!owesLost(sender)) return null;
  if (sender.undo?.sendsNewFirst === true && prefersNew(sender, sender.undo)) return null;
  const room = windowRoom(sender);
  return room <= 0 ? null : nextLost(sender, Math.min(room, segmentsTogether(sender)));
}

export function noteSentNew(sender: TcpSender, end: number, nowNs: number): SentRange {
  const range = addRange(sender, sender.nextOffset, end, nowNs);
  sender.reduction?.send(range.segments);
  sender.nextOffset = end;
  sender.usedSegments = Math.max(sender.usedSegments, inFlightSegments(sender));
  return range;
}

/** The SYN/ACK was a cookie, and when it was sent is forgotten: as after a second transmission, no round trip is measured (RFC 6298, 3). */
export function noteSentBefore(sender: TcpSender, nowNs: number): void {
  noteSentAgain(sender, noteSentNew(sender, 1, nowNs), nowNs);
}

export function noteSentAgain(sender: TcpSender, range: SentRange, nowNs: number): void {
  transmitAgain(sender, range, nowNs);
  sender.undo?.sentAgain(range.end - range.start, stampOf(nowNs));
  sender.reduction?.send(range.segments);
}

/**
 * Takes an acknowledgement up to `offset`; `duplicate` when it says nothing but that something arrived, `echo` the
 * timestamp that it echoes, -1 for none. Returns whether anything new was delivered.
 */
export function acknowledged(
  sender: TcpSender,
  offset: number,
  sackBlocks: readonly number[] | null,
  duplicate: boolean,
  echo: number,
  nowNs: number,
): boolean {
  const progress = offset > sender.unacknowledged;
  const news = takeAcknowledgement(sender, offset, sackBlocks, echo, rttMinNs(sender), nowNs);
  if (progress) {
    sender.unacknowledged = offset;
    sender.timeouts = 0;
    sender.duplicates = 0;
  } else if (duplicate) sender.duplicates++;
  if (news.rttNs >= 0) sampleRoundTrip(sender, news.rttNs, news.lastRttNs, nowNs);
  else if (progress && echo >= 0) {
    const rttNs = echoedRttNs(echo, nowNs);
    sampleRoundTrip(sender, rttNs, rttNs, nowNs);
  }
  const { losses } = sender;
  // With nothing left on its way, what comes later is sent later, and RACK begins anew.
  if (sender.firstRange !== null) advanceRack(sender, news);
  else sender.rackOrder = -1;
  if (sender.probeEnd >= 0 && offset >= sender.probeEnd) {
    probeAnswered(sender, offset, sackBlocks, progress || news.segments > 0);
  }
  if (sender.undo !== null) {
    sender.undo.cameTwice(bytesThatCameTwice(sackBlocks, offset));
    const delayed = progress && sender.undo.echoIsOlder(echo);
    reconsider(sender, sender.undo, news, { progress, duplicate, delayed });
  }
  if (sender.phase !== 'open' && offset >= sender.recoverOffset) leaveRecovery(sender);
  sender.reorderingWaitNs = findLosses(sender, progress, nowNs);
  if (news.segments > 0 && sender.reduction !== null) {
    reduceWindow(sender, news.segments, progress && sender.losses === losses);
  } else if (progress && news.segments > 0) growWindow(sender, news.segments, nowNs);
  turnRound(sender);
  return progress || news.segments > 0;
}

/** After an idle time longer than the RTO the window shrinks by half per RTO, to the initial one at least (RFC 2861). */
export function restartAfterIdle(sender: TcpSender, idleNs: number, rtoNs: number): void {
  const floor = Math.min(sender.window, sender.settings.initialWindow);
  let leftNs = idleNs - rtoNs;
  while (leftNs > 0 && sender.window > floor) {
    sender.window = Math.max(floor, sender.window / 2);
    leftNs -= rtoNs;
  }
  sender.congestion?.resume(idleNs);
}

/** Segments that the congestion window still allows. */
function windowRoom(sender: TcpSender): number {
  return Math.floor(sender.window) - inFlightSegments(sender);
}

/**
 * A segment holds about a millisecond's worth at the pace of the window, at least two frames and at most 64 KiB
 * (net/ipv4/tcp_output.c, tcp_tso_autosize, and tcp_update_pacing_rate: 200 % in slow start, 120 % after).
 */
function segmentsTogether(sender: TcpSender): number {
  const frame = sender.segmentBytes;
  if (!sender.settings.segmentationOffload) return 1;
  const largest = Math.floor(65_160 / frame);
  if (!rttMeasured(sender)) return largest;
  const pace = sender.window < sender.threshold / 2 ? 2 : 1.2;
  const bytesPerMs = (pace * sender.window * frame * ms) / sender.smoothedRttNs;
  return Math.min(largest, Math.max(2, Math.floor(bytesPerMs / frame)));
}

/** New data go before lost ones where there are any; otherwise the doubt is over. */
function prefersNew(sender: TcpSender, undo: WindowUndo): boolean {
  if (sender.nextOffset > sender.recoverOffset || newRangeEnd(sender) > sender.nextOffset) return true;
  undo.sendsNewFirst = false;
  undo.doubted = false;
  return false;
}

/** Grows only where the window was in use (RFC 7661; net/ipv4/tcp.h, tcp_is_cwnd_limited). */
function growWindow(sender: TcpSender, acked: number, nowNs: number): void {
  if (sender.phase === 'recovery') return;
  const slowStart = sender.window < sender.threshold;
  const used = sender.usedSegments;
  const limited = slowStart ? sender.window < 2 * used : used >= sender.window - 2;
  if (!limited && sender.phase === 'open') return;
  let left = sender.settings.windowGrowth === 'per-ack' ? Math.min(1, acked) : acked;
  if (slowStart) {
    const grown = Math.min(sender.window + left, sender.threshold);
    left -= grown - sender.window;
    sender.window = grown;
  }
  if (left > 0) sender.window += controlOf(sender).increase(left, sender.window, nowNs, rttMinNs(sender));
}

function sampleRoundTrip(sender: TcpSender, rttNs: number, lastRttNs: number, nowNs: number): void {
  sampleRtt(sender, rttNs, lastRttNs, sender.settings.rtoMinNs);
  if (!sender.settings.hyStart || sender.window >= sender.threshold) return;
  if (sender.congestion === null && sender.window < hyStartWindow) turnSlowStartRound(sender, nowNs);
  else if (endsSlowStart(sender, lastRttNs, nowNs)) sender.threshold = Math.floor(sender.window);
}

function turnSlowStartRound(sender: TcpSender, nowNs: number): void {
  if (sender.unacknowledged <= sender.slowStartEnd) return;
  sender.slowStartEnd = sender.nextOffset;
  sender.slowStartNs = nowNs;
}

function endsSlowStart(sender: TcpSender, rttNs: number, nowNs: number): boolean {
  return controlOf(sender).endsSlowStart({
    nowNs,
    rttNs,
    rttMinNs: rttMinNs(sender),
    window: sender.window,
    acknowledged: sender.unacknowledged,
    sent: sender.nextOffset,
    burstNs: (burstBytes * sender.smoothedRttNs) / (2 * sender.window * sender.segmentBytes),
  });
}

function turnRound(sender: TcpSender): void {
  if (sender.unacknowledged < sender.roundEnd) return;
  sender.roundEnd = sender.nextOffset;
  sender.usedSegments = inFlightSegments(sender);
}

/** Four of the largest packets (net/ipv4/tcp_cubic.c, hystart_ack_delay). */
const burstBytes = 4 * 65_536;
