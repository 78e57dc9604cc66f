import { ms, s } from '../../sim/time.ts';
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
  /** Both ends acknowledge selectively. */
  readonly selective: boolean;
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
  /** How often the timeout is doubled: not after a round trip was measured, though of selectively acknowledged data. */
  backOffs: number;
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
  /** The shortest round trip of data since the last timeout, 0 before any: what CUBIC knows (net/ipv4/tcp_cubic.c, delay_min). */
  dataRttNs: number;
  /** When a range was sent last. */
  lastRangeNs: number;
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
 * The end of the next new range from `nextOffset`, or `nextOffset` when nothing may be sent, or nothing yet: at most what
 * is written, what both windows allow, and one large segment. A FIN goes with the last data, or alone.
 */
export function newRangeEnd(sender: TcpSender, nowNs: number): number {
  const end = allowedEnd(sender);
  return end > sender.nextOffset && waitsForMore(sender, nowNs) ? sender.nextOffset : end;
}

function allowedEnd(sender: TcpSender): number {
  const written = sender.endOffset - sender.nextOffset;
  if (written <= 0) return finMayGo(sender) ? sender.endOffset + 1 : sender.nextOffset;
  const peer = sender.unacknowledged + sender.peerWindowBytes - sender.nextOffset;
  const wanted = Math.min(written, peer);
  if (wanted <= 0) return sender.nextOffset;
  const room = windowRoom(sender);
  if (room <= 0) return sender.nextOffset;
  // A large segment holds one at least; where not all may go, whole segments go.
  const segment = sender.segmentBytes;
  const allowed =
    wanted <= segment ? segment : Math.min(room, segmentsTogether(sender), halfWindow(sender)) * segment;
  if (wanted > allowed) return sender.nextOffset + allowed;
  return sender.nextOffset + wanted + (wanted === written && sender.finQueued ? 1 : 0);
}

/**
 * Whether what may be sent now waits for an acknowledgement that is soon due, to leave as one larger packet then: where it
 * is less than a third of the window and than a packet may hold (net/ipv4/tcp_output.c, tcp_tso_should_defer).
 */
function waitsForMore(sender: TcpSender, nowNs: number): boolean {
  const { settings, firstRange: oldest, segmentBytes: segment, smoothedRttNs } = sender;
  if (!settings.segmentationOffload || settings.age !== 'linux-6.x' || sender.phase !== 'open') return false;
  const written = sender.endOffset - sender.nextOffset;
  if (written <= segment || oldest === null || nowNs - sender.lastRangeNs > ms) return false;
  const peerBytes = sender.unacknowledged + sender.peerWindowBytes - sender.nextOffset;
  const roomBytes = windowRoom(sender) * segment;
  const bytes = Math.min(peerBytes, roomBytes);
  if (bytes >= segmentsTogether(sender) * segment) return false;
  if (3 * bytes >= Math.min(sender.peerWindowBytes, Math.floor(sender.window) * segment)) return false;
  if (oldest.sentNs + smoothedRttNs - nowNs > Math.min(smoothedRttNs / 2, ms)) return false;
  return bytes <= written || !sender.finQueued;
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
  sender.lastRangeNs = nowNs;
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
  sender.lastRangeNs = nowNs;
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
    sender.backOffs = 0;
    sender.duplicates = 0;
  } else if (duplicate) sender.duplicates++;
  if (news.rttNs >= 0) sampleRoundTrip(sender, news.rttNs, news.lastRttNs, nowNs);
  else if (progress && echo >= 0) {
    const rttNs = echoedRttNs(echo, nowNs);
    sampleRoundTrip(sender, rttNs, rttNs, nowNs);
  }
  const { losses } = sender;
  const wasOpen = sender.phase === 'open';
  // With nothing left on its way, what comes later is sent later, and RACK begins anew.
  if (sender.firstRange !== null) advanceRack(sender, news);
  else sender.rackOrder = -1;
  if (sender.probeEnd >= 0 && offset >= sender.probeEnd) {
    probeAnswered(sender, offset, sackBlocks, progress || news.segments > 0);
  }
  // What came twice was delivered, too (net/ipv4/tcp_input.c, tcp_dsack_seen).
  const twiceBytes = bytesThatCameTwice(sackBlocks, offset);
  const delivered = news.segments + Math.ceil(twiceBytes / sender.segmentBytes);
  if (sender.undo !== null) {
    sender.undo.cameTwice(twiceBytes);
    const delayed = progress && sender.undo.echoIsOlder(echo);
    reconsider(sender, sender.undo, news, { progress, duplicate, delayed });
  }
  if (sender.phase !== 'open' && offset >= sender.recoverOffset) leaveRecovery(sender);
  sender.reorderingWaitNs = findLosses(sender, progress, wasOpen, nowNs);
  if (delivered > 0 && sender.reduction !== null) {
    reduceWindow(sender, delivered, progress && sender.losses === losses);
  } else if (progress && delivered > 0) growWindow(sender, delivered, nowNs);
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
 * A segment holds about a millisecond's worth at the pace of the window, and more where the round trip is short, at least
 * two frames and at most 64 KiB (net/ipv4/tcp_output.c, tcp_tso_autosize, tcp_tso_rtt_log = 9; tcp_update_pacing_rate: 200 % in slow start,
 * 120 % after).
 */
function segmentsTogether(sender: TcpSender): number {
  const frame = sender.segmentBytes;
  const { settings } = sender;
  if (!settings.segmentationOffload) return 1;
  const largest = Math.floor(65_160 / frame);
  if (!rttMeasured(sender)) return largest;
  const pace = sender.window < sender.threshold / 2 ? 2 : 1.2;
  const segments = Math.max(Math.floor(sender.window), sender.sentSegments);
  let bytes = (pace * segments * frame * packetNs) / sender.smoothedRttNs;
  if (settings.age === 'linux-6.x') bytes += 65_536 / 2 ** Math.floor(sender.shortestRttNs / shortRttNs);
  return Math.min(largest, Math.max(2, Math.floor(bytes / frame)));
}

/** Two packets at least are on their way at a time (net/ipv4/tcp_output.c, tcp_cwnd_test). */
function halfWindow(sender: TcpSender): number {
  return Math.max(1, Math.floor(sender.window / 2));
}

/** New data go before lost ones where there are any; otherwise the doubt is over. */
function prefersNew(sender: TcpSender, undo: WindowUndo): boolean {
  if (sender.nextOffset > sender.recoverOffset || allowedEnd(sender) > sender.nextOffset) return true;
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
  if (left > 0) sender.window += controlOf(sender).increase(left, sender.window, nowNs, sender.dataRttNs);
}

function sampleRoundTrip(sender: TcpSender, rttNs: number, lastRttNs: number, nowNs: number): void {
  sampleRtt(sender, rttNs, lastRttNs, sender.settings.rtoMinNs);
  sender.backOffs = 0;
  const least = sender.dataRttNs === 0 || lastRttNs < sender.dataRttNs;
  if (least && sender.unacknowledged > 1) sender.dataRttNs = lastRttNs;
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
    rttMinNs: sender.dataRttNs,
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

/** sk_pacing_shift = 10. */
const packetNs = s / 1024;
/** 2^9 us. */
const shortRttNs = 512_000;
/** Four of the largest packets (net/ipv4/tcp_cubic.c, hystart_ack_delay). */
const burstBytes = 4 * 65_536;
