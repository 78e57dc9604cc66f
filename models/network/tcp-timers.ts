import { ms, s } from '../../sim/time.ts';
import { rttMeasured, rtoNs } from './rtt-estimator.ts';
import type { TcpEnd } from './tcp-end.ts';
import { findLossesByRack } from './tcp-recovery.ts';
import { senderIdle } from './tcp-sender.ts';
import type { TcpSettings } from './tcp-settings.ts';
import type { TcpState } from './tcp-state.ts';
import { timerDelayNs } from './timer-wheel.ts';
import type { TransmissionControlBlock } from './transmission-control-block.ts';

/** When a timer set at `nowNs` for `delayNs` expires, in the ticks of the kernel. */
function dueNs(nowNs: number, delayNs: number, settings: TcpSettings): number {
  return nowNs + timerDelayNs(nowNs, delayNs, settings.tickNs);
}

/**
 * Sets the one retransmission timer of a connection anew: off when nothing is on its way, for a tail-loss probe
 * where that is allowed, for RACK where it waits for reordering, otherwise for the timeout.
 * Source: Linux 6.18, net/ipv4/tcp_output.c, tcp_schedule_loss_probe; tcp_recovery.c, tcp_rack_mark_lost.
 */
export function setRetransmitTimer(block: TransmissionControlBlock, state: TcpState, nowNs: number): void {
  const { settings } = block;
  block.retransmitReason = 'timeout';
  block.retransmitDueNs = Infinity;
  if (block.firstRange === null) return;
  const timeoutNs = timeoutDelayNs(block, state);
  const reorderingNs = settings.age === 'linux-6.x' ? findLossesByRack(block, nowNs) : Infinity;
  if (reorderingNs < timeoutNs) {
    block.retransmitReason = 'reordering';
    block.retransmitDueNs = dueNs(nowNs, reorderingNs + timeoutSlackNs, settings);
    return;
  }
  const probe = settings.tailLossProbe && state !== 'syn-sent' && state !== 'syn-received';
  const probeAllowed = probe && block.selective && !block.probeSent && block.phase === 'open';
  if (probeAllowed) block.retransmitReason = 'probe';
  const delayNs = probeAllowed ? Math.min(timeoutNs, probeDelayNs(block)) : timeoutNs;
  block.retransmitDueNs = dueNs(nowNs, delayNs, settings);
}

/** After selective acknowledgements only: an earlier expiry where RACK waits for reordering (tcp_rack_mark_lost). */
export function waitForReordering(block: TransmissionControlBlock, nowNs: number): void {
  const { settings } = block;
  if (settings.age !== 'linux-6.x') return;
  const reorderingNs = findLossesByRack(block, nowNs);
  if (reorderingNs === Infinity) return;
  const expiryNs = dueNs(nowNs, reorderingNs + timeoutSlackNs, settings);
  if (expiryNs >= block.retransmitDueNs) return;
  block.retransmitReason = 'reordering';
  block.retransmitDueNs = expiryNs;
}

/** When the delayed acknowledgement is due, Infinity without one. */
export function ackDueNs({ ackOwedNs, settings }: TransmissionControlBlock): number {
  return ackOwedNs === Infinity ? Infinity : dueNs(ackOwedNs, settings.delayedAckNs, settings);
}

/** How many timeouts are answered by a retransmission before the connection is given up; of a SYN/ACK its listener says. */
export function retriesMax(end: TcpEnd): number {
  const { settings } = end.host;
  if (end.state === 'syn-received') return end.host.synAckRetriesMax(end);
  return end.state === 'syn-sent' ? settings.synLinearRetries + settings.synRetries : settings.retriesMax;
}

/** When the next keep-alive probe is due, Infinity without one. */
export function keepAliveDueNs(block: TransmissionControlBlock, state: TcpState): number {
  const { keepAlive } = block.settings;
  // What is on its way finds a dead connection by itself (net/ipv4/tcp_timer.c, tcp_keepalive_timer).
  if (keepAlive === null || state !== 'established' || !senderIdle(block)) return Infinity;
  return block.lastReceivedNs + keepAlive.idleNs + block.keepAliveProbes * keepAlive.intervalNs;
}

/** RTO with its back-off (RFC 6298, 5.5), cut where the user's patience ends (tcp_clamp_rto_to_user_timeout). */
function timeoutDelayNs(block: TransmissionControlBlock, state: TcpState): number {
  const { settings } = block;
  const linear = state === 'syn-sent' ? settings.synLinearRetries : 0;
  const doublings = Math.max(0, block.timeouts - linear);
  const exactNs = rtoNs(block, settings);
  // The kernel keeps the timeout in whole ticks and doubles those.
  const wholeNs = settings.tickNs === 0 ? exactNs : Math.ceil(exactNs / settings.tickNs) * settings.tickNs;
  const backedOffNs = doublings === 0 ? wholeNs : Math.min(wholeNs * 2 ** doublings, settings.rtoMaxNs);
  if (block.firstRetransmissionNs < 0) return backedOffNs;
  const sinceFirstNs = block.lastTimeoutNs - block.firstRetransmissionNs;
  return Math.min(backedOffNs, Math.max(timeoutSlackNs, settings.userTimeoutNs - sinceFirstNs));
}

/** Twice the round trip, and the least RTO for a single segment, whose ACK may be delayed. */
function probeDelayNs(block: TransmissionControlBlock): number {
  if (!rttMeasured(block)) return 1 * s;
  const { firstRange: first } = block;
  const single = first?.next === null && first.end - first.start <= block.segmentBytes;
  return 2 * block.smoothedRttNs + (single ? block.settings.rtoMinNs : timeoutSlackNs);
}

/** TCP_TIMEOUT_MIN_US of include/net/tcp.h. */
const timeoutSlackNs = 2 * ms;
