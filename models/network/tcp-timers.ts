import { ms, s } from '../../sim/time.ts';
import { rttMeasured, rtoNs } from './rtt-estimator.ts';
import type { TcpEnd } from './tcp-end.ts';
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
 * where that is allowed, otherwise for the timeout. A probe comes no later than the timeout, which counts from the oldest
 * segment where nothing has been acknowledged just now, and where it takes the place of another timer.
 * Source: Linux 6.18, net/ipv4/tcp_output.c, tcp_schedule_loss_probe; tcp_input.c, tcp_rearm_rto.
 */
export function setRetransmitTimer(
  block: TransmissionControlBlock,
  state: TcpState,
  nowNs: number,
  afterNews: boolean,
): void {
  const { settings } = block;
  const ran = block.retransmitReason === 'timeout';
  block.retransmitReason = 'timeout';
  block.retransmitDueNs = Infinity;
  if (block.firstRange === null) return;
  const timeoutNs = timeoutDelayNs(block, state);
  const elapsedNs = nowNs - block.firstRange.sentNs;
  const probe = settings.tailLossProbe && state !== 'syn-sent' && state !== 'syn-received';
  const orderly = block.phase === 'open' && block.sackedSegments === 0;
  if (probe && block.selective && orderly) {
    const sinceNs = afterNews ? 0 : elapsedNs;
    const leftNs = sinceNs < timeoutNs ? timeoutNs - sinceNs : Infinity;
    block.retransmitReason = 'probe';
    block.retransmitDueNs = dueNs(nowNs, Math.min(leftNs, probeDelayNs(block)), settings);
  } else {
    const leftNs = ran ? timeoutNs : Math.max(1, timeoutNs - elapsedNs);
    block.retransmitDueNs = dueNs(nowNs, leftNs, settings);
  }
}

/** Where RACK waits for reordering, the timer is for that; returns whether it does (net/ipv4/tcp_recovery.c, tcp_rack_mark_lost). */
export function waitForReordering(block: TransmissionControlBlock, nowNs: number): boolean {
  if (block.reorderingWaitNs === Infinity) return false;
  block.retransmitReason = 'reordering';
  block.retransmitDueNs = dueNs(nowNs, block.reorderingWaitNs + timeoutSlackNs, block.settings);
  return true;
}

/** When the delayed acknowledgement is due, Infinity without one. */
export function ackDueNs({ ackOwedNs, settings }: TransmissionControlBlock): number {
  return ackOwedNs === Infinity ? Infinity : dueNs(ackOwedNs, settings.delayedAckNs, settings);
}

/** Sets the timer for the timeout, which counts from the time given: no probe comes before it. */
export function setTimeoutOnly(
  block: TransmissionControlBlock,
  state: TcpState,
  nowNs: number,
  sinceNs: number,
): void {
  const leftNs = sinceNs + timeoutDelayNs(block, state) - nowNs;
  block.retransmitReason = 'timeout';
  block.retransmitDueNs = dueNs(nowNs, Math.max(1, leftNs), block.settings);
}

/** Whether a timeout ends the connection: too many, for too long, or longer than the user wants to wait. */
export function givesUp(end: TcpEnd): boolean {
  const { block, host } = end;
  const { firstRetransmissionNs: firstNs } = block;
  if (block.timeouts >= retriesMax(end)) return true;
  if (firstNs < 0 || block.timeouts === 0) return false;
  const sinceNs = host.clock.nowNs - firstNs;
  if (host.settings.userTimeoutNs !== Infinity) return sinceNs >= host.settings.userTimeoutNs;
  return sinceNs >= patienceNs(end);
}

/**
 * How many timeouts are answered by a retransmission before the connection is given up; of a SYN/ACK its listener says.
 * Of data it is the time alone that counts, where timers have ticks (net/ipv4/tcp_timer.c, tcp_write_timeout).
 */
function retriesMax(end: TcpEnd): number {
  const { settings } = end.host;
  if (end.state === 'syn-received') return end.host.synAckRetriesMax(end);
  if (end.state === 'syn-sent') return settings.synLinearRetries + settings.synRetries;
  return settings.tickNs > 0 ? Infinity : dataRetriesMax(end);
}

/** Of an end that no application holds the retries are few, and none once it waits longest (net/ipv4/tcp_timer.c, tcp_orphan_retries). */
function dataRetriesMax({ block, state, host }: TcpEnd): number {
  const { orphanRetriesMax, retriesMax, rtoMaxNs } = host.settings;
  if (!block.orphaned) return retriesMax;
  return timeoutDelayNs(block, state) < rtoMaxNs ? orphanRetriesMax : 0;
}

/** Sets when an end is over that waits for old segments or, held by no application, for the other's FIN (tcp_fin_time). */
export function setClosingTimer({ block, state, host }: TcpEnd): void {
  const { timeWaitNs, finTimeoutNs } = host.settings;
  const finNs = Math.max(finTimeoutNs, Math.round(3.5 * rtoNs(block, host.settings)));
  const waits = state === 'time-wait' || (state === 'fin-wait-2' && block.orphaned);
  if (waits) block.retransmitDueNs = host.clock.nowNs + (state === 'time-wait' ? timeWaitNs : finNs);
}

/**
 * How long all retries would take, had each timeout been as short as it may be: after that the connection is given up,
 * after fewer retries where the round trip is long (net/ipv4/tcp_timer.c, retransmits_timed_out). With exact timers
 * retries are counted.
 */
function patienceNs(end: TcpEnd): number {
  const { state, host } = end;
  const { settings } = host;
  if (settings.tickNs === 0 || state === 'syn-received') return Infinity;
  const opening = state === 'syn-sent';
  const retries = opening ? settings.synRetries : dataRetriesMax(end);
  const firstNs = opening ? settings.rtoInitialNs : settings.rtoMinNs;
  const doublings = Math.min(retries, Math.floor(Math.log2(settings.rtoMaxNs / firstNs)));
  return (2 * 2 ** doublings - 1) * firstNs + (retries - doublings) * settings.rtoMaxNs;
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
  const doublings = Math.max(0, block.backOffs - linear);
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
  return 2 * block.smoothedRttNs + (block.sentSegments === 1 ? block.settings.rtoMinNs : timeoutSlackNs);
}

/** TCP_TIMEOUT_MIN_US of include/net/tcp.h. */
const timeoutSlackNs = 2 * ms;
