import { s } from '../../sim/time.ts';
import { controlOf, infiniteThreshold } from './congestion-control.ts';
import { ProportionalRateReduction } from './proportional-rate-reduction.ts';
import { rttMinNs } from './rtt-estimator.ts';
import {
  inFlightSegments,
  loseAll,
  loseBelowSacked,
  loseFirst,
  loseNone,
  loseRange,
  type NewlyDelivered,
} from './tcp-scoreboard.ts';
import type { TcpSender } from './tcp-sender.ts';
import { WindowUndo } from './window-undo.ts';

/** The retransmission timer expired: all is lost, the window is one segment (RFC 5681, 3.1). */
export function timedOut(sender: TcpSender, nowNs: number): void {
  // Not again for losses that recovery has answered (net/ipv4/tcp_input.c, tcp_enter_loss).
  const answered = sender.phase === 'recovery' && sender.settings.thresholdOf === 'window';
  if (sender.timeouts === 0 && !answered) lowerThreshold(sender);
  if (sender.undo !== null) {
    const first = sender.phase === 'open' || sender.timeouts > 0;
    sender.undo.doubted = sender.settings.doubtsTimeouts && first;
    sender.undo.sendsNewFirst = false;
  }
  sender.probeEnd = -1;
  controlOf(sender).restart();
  sender.dataRttNs = 0;
  sender.reduction = null;
  sender.recoverOffset = sender.nextOffset;
  sender.phase = 'loss';
  sender.timeouts++;
  sender.backOffs++;
  sender.lastTimeoutNs = nowNs;
  sender.window = 1;
  sender.duplicates = 0;
  loseAll(sender);
}

/**
 * The handshake is over, in which some packets were sent again: that says nothing of the path's capacity, and only more
 * than one SYN makes the first window a single segment (net/ipv4/tcp_input.c, tcp_init_transfer; RFC 6298, 5.7).
 */
export function beginTransfer(sender: TcpSender, synsAgain: number): void {
  const careful = synsAgain > 1 && sender.settings.age === 'linux-6.x';
  sender.window = careful ? 1 : sender.settings.initialWindow;
  sender.threshold = infiniteThreshold;
  sender.congestion = null;
  sender.undo = null;
}

/** Ns until RACK could find all further losses, Infinity when it cannot (RFC 8985, 6.2 step 5). */
function findLossesByRack(sender: TcpSender, nowNs: number): number {
  let waitNs = 0;
  if (sender.rackOrder < 0) return Infinity;
  const patienceNs = sender.rackRttNs + reorderingNs(sender);
  for (let range = sender.firstRange; range !== null; range = range.next) {
    if (range.sacked || (range.lost && !range.resent)) continue;
    const { order } = range;
    if (order > sender.rackOrder || (order === sender.rackOrder && range.end >= sender.rackEnd)) continue;
    const leftNs = range.sentNs + patienceNs - nowNs;
    if (leftNs <= 0) loseRange(sender, range);
    else waitNs = Math.max(waitNs, leftNs);
  }
  return waitNs > 0 ? waitNs : Infinity;
}

/** The wait for reordered segments is over: what is still missing is lost (net/ipv4/tcp_recovery.c, tcp_rack_reo_timeout). */
export function reorderingOver(sender: TcpSender, nowNs: number): void {
  const { losses } = sender;
  findLossesByRack(sender, nowNs);
  if (sender.losses === losses || sender.phase === 'recovery') return;
  enterRecovery(sender);
  if (sender.reduction !== null) reduceWindow(sender, 1, false);
}

/** The round trip is that of the last taken, though not of the last sent (net/ipv4/tcp_recovery.c, tcp_rack_advance). */
export function advanceRack(sender: TcpSender, news: NewlyDelivered): void {
  if (news.rackRttNs < 0) return;
  sender.rackRttNs = news.rackRttNs;
  if (news.order < sender.rackOrder) return;
  sender.rackOrder = news.order;
  sender.rackEnd = news.end;
}

/**
 * Once for each acknowledgement, unless nothing was amiss before it either; ns until RACK could find further losses, Infinity when it cannot. Recovery begins with
 * what is lost, though it was sent again in a recovery that has ended, and after a timeout with a retransmission that is
 * lost (net/ipv4/tcp_input.c, tcp_fastretrans_alert, FLAG_LOST_RETRANS).
 */
export function findLosses(sender: TcpSender, progress: boolean, wasOpen: boolean, nowNs: number): number {
  const orderly = wasOpen && sender.sackedSegments === 0 && sender.duplicates === 0;
  if (sender.firstRange === null || orderly) return Infinity;
  let waitNs = Infinity;
  const resentBefore = sender.resentSegments;
  const racks = sender.selective && sender.settings.age === 'linux-6.x';
  if (racks) waitNs = findLossesByRack(sender, nowNs);
  else if (sender.sackedSegments === 0) loseByDuplicates(sender, progress);
  else loseBelowSacked(sender, duplicateThreshold);
  const again = sender.phase === 'loss' && sender.resentSegments < resentBefore;
  if (again || (sender.phase === 'open' && sender.lostSegments > 0)) enterRecovery(sender);
  return waitNs;
}

function loseByDuplicates(sender: TcpSender, progress: boolean): void {
  const enough = sender.duplicates >= duplicateThreshold && sender.phase === 'open';
  if (enough || (sender.phase === 'recovery' && progress)) loseFirst(sender);
}

function enterRecovery(sender: TcpSender): void {
  lowerThreshold(sender);
  sender.probeEnd = -1;
  sender.recoverOffset = sender.nextOffset;
  sender.phase = 'recovery';
  // Without selective acknowledgements nobody knows what is delivered.
  if (sender.settings.rateReduction === 'proportional' && sender.sackedSegments > 0) {
    sender.reduction = new ProportionalRateReduction(Math.floor(sender.window));
  } else sender.window = sender.threshold;
}

/**
 * All that was sent before the last tail-loss probe is acknowledged. Where the probe was a retransmission and did not
 * come twice, it has repaired a loss, of which the first acknowledgement beyond it makes sure (RFC 8985, 7.4;
 * net/ipv4/tcp_input.c, tcp_process_tlp_ack).
 */
export function probeAnswered(
  sender: TcpSender,
  offset: number,
  sackBlocks: readonly number[] | null,
  news: boolean,
): void {
  const cameTwice = sackBlocks !== null && sackBlocks[1] === sender.probeEnd && sackBlocks[1] <= offset;
  if (!sender.probeRepeats || cameTwice || (offset === sender.probeEnd && !news)) sender.probeEnd = -1;
  if (sender.probeEnd < 0 || offset === sender.probeEnd) return;
  sender.probeEnd = -1;
  if (sender.phase !== 'open') return;
  lowerThreshold(sender);
  sender.undo = null;
  sender.window = sender.threshold;
}

export function leaveRecovery(sender: TcpSender): void {
  if (sender.phase === 'recovery') sender.window = sender.threshold;
  sender.reduction = null;
  sender.phase = 'open';
}

/** Three quarters of the window at least are what it comes back to (net/ipv4/tcp.h, tcp_current_ssthresh). */
function lowerThreshold(sender: TcpSender): void {
  sender.undo = new WindowUndo(sender.window, Math.max(sender.threshold, 0.75 * sender.window), false);
  sender.threshold = controlOf(sender).thresholdAfterLoss(windowAtLoss(sender));
}

function windowAtLoss(sender: TcpSender): number {
  if (sender.settings.thresholdOf === 'window') return sender.window;
  return inFlightSegments(sender);
}

/** What an acknowledgement says beside what it delivers. */
interface AcknowledgementHints {
  /** It is of more than the last. */
  readonly progress: boolean;
  /** It says nothing but that something arrived. */
  readonly duplicate: boolean;
  /** It answers what was sent before anything was sent again. */
  readonly delayed: boolean;
}

/** Whether the last reduction was needless, by what an acknowledgement tells (net/ipv4/tcp_input.c, tcp_process_loss). */
export function reconsider(
  sender: TcpSender,
  undo: WindowUndo,
  news: NewlyDelivered,
  { progress, duplicate, delayed }: AcknowledgementHints,
): void {
  undo.sendsNewFirst = false;
  if (undo.proven && (progress || sender.phase !== 'loss')) takeBack(sender, undo);
  // While something sent again is on its way, recovery goes on (tcp_try_undo_partial).
  const over = sender.resentSegments === 0 || sender.unacknowledged >= sender.recoverOffset;
  if (delayed && (sender.phase === 'loss' || (sender.phase === 'recovery' && over))) takeBack(sender, undo);
  if (!undo.doubted || sender.phase !== 'loss') return;
  const sentNew = sender.nextOffset > sender.recoverOffset;
  // What was never sent again has arrived: the timeout came too early.
  if (news.originalEnd <= sender.recoverOffset) takeBack(sender, undo);
  else if (sentNew) undo.doubted = news.segments === 0 && !duplicate;
  else if (progress) undo.sendsNewFirst = true;
}

function takeBack(sender: TcpSender, undo: WindowUndo): void {
  if (sender.phase === 'loss') loseNone(sender);
  sender.window = Math.max(sender.window, undo.window);
  sender.threshold = Math.max(sender.threshold, undo.threshold);
  sender.phase = 'open';
  sender.reduction = null;
  sender.timeouts = 0;
  sender.undo = null;
}

export function reduceWindow(sender: TcpSender, delivered: number, safe: boolean): void {
  const inFlight = inFlightSegments(sender);
  const threshold = Math.floor(sender.threshold);
  sender.window = sender.reduction!.windowAfter({ delivered, inFlight, threshold, safe });
}

/** A quarter of the shortest round trip; none in recovery and where three segments tell the same (RFC 8985, 6.2 step 4). */
function reorderingNs(sender: TcpSender): number {
  const certain = sender.sackedSegments >= duplicateThreshold;
  if (sender.phase !== 'open' || certain) return 0;
  return Math.min(rttMinNs(sender) / 4, sender.smoothedRttNs, s);
}

/** RFC 5681, 3.2. */
const duplicateThreshold = 3;
