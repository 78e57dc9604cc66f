import type { Packet } from '../network/packet.ts';
import type { ConnectionTable } from './connection-table.ts';
import { Field, Status, TcpTrackFlag, Window } from './entry-layout.ts';
import {
  flagsOf,
  lastDirection,
  lastEvent,
  lastFlags,
  lastScale,
  retransmissionsOf,
  setFlags,
  setLastDirection,
  setLastEvent,
  setLastFlags,
  setLastScale,
  setScale,
  setProgress,
  tcpStateOf,
} from './tcp-fields.ts';
import { TcpCode, TcpEventCode, tcpEventCode, transitionCodes } from './tcp-transitions.ts';
import { before, learnOptions, segmentEnd, testWindow, WindowOutcome } from './tcp-window.ts';
import { Lifetime } from './tracking-timeouts.ts';
import { ticks, type TrackingSettings } from './tracking-settings.ts';

/**
 * What tracking makes of a packet. `repeat`: the entry belongs to a connection that is over; kill it and look
 * the packet up again. `kill`: the packet passes and takes the entry with it.
 */
export const TrackOutcome = { accept: 0, invalid: 1, repeat: 2, kill: 3 } as const;

/** What a tracker lends to the trackers of its protocols. */
export interface TrackingContext {
  settings: TrackingSettings;
  /** Lifetimes in ticks, see tracking-timeouts.ts. */
  timeouts: Int32Array;
  nowTick: number;
  /** Where the entry is or will be. */
  table: ConnectionTable;
}

/**
 * Starts a TCP entry from its first segment; false when a segment like this cannot open one.
 * Source: Linux 6.18, nf_conntrack_proto_tcp.c, `tcp_new`. The row is all zero before.
 */
export function openTcp(
  words: Int32Array,
  base: number,
  packet: Packet,
  settings: TrackingSettings,
): boolean {
  const state = transitionCodes[tcpEventCode(packet.tcpFlags) * 10 + TcpCode.none]!;
  if (state === TcpCode.invalid) return false;
  const picksUp = state !== TcpCode.synSent;
  if (picksUp && !settings.tcpLoose) return false;
  const end = segmentEnd(packet);
  const window = Math.max(packet.window, 1);
  words[base + Field.windowOriginal + Window.end] = end;
  words[base + Field.windowOriginal + Window.maxWindow] = window;
  words[base + Field.windowOriginal + Window.maxEnd] = picksUp ? end + window : end;
  if (picksUp) {
    // The scale was agreed on before our time, so windows cannot be told.
    const unknown = TcpTrackFlag.sackPermitted | TcpTrackFlag.beLiberal;
    setFlags(words, base, 0, unknown);
    setFlags(words, base, 1, unknown);
  } else {
    learnOptions(words, base, 0, packet);
  }
  setLastEvent(words, base, TcpEventCode.none);
  return true;
}

/**
 * Follows a connection by one segment whose flags are valid. `base` is the entry's row in `words`.
 * Source: Linux 6.18, nf_conntrack_proto_tcp.c, `nf_conntrack_tcp_packet`.
 */
export function trackTcp(
  words: Int32Array,
  base: number,
  direction: number,
  packet: Packet,
  context: TrackingContext,
): number {
  const event = tcpEventCode(packet.tcpFlags);
  let oldState = tcpStateOf(words, base);
  let newState = transitionCodes[(direction * 6 + event) * 10 + oldState]!;
  let tested = false;
  switch (newState) {
    case TcpCode.synSent:
      if (oldState < TcpCode.timeWait) break;
      if (mayReopen(words, base, direction)) return TrackOutcome.repeat;
      newState = TcpCode.ignore;
      break;
    case TcpCode.invalid:
      return TrackOutcome.invalid;
    case TcpCode.timeWait:
      if (answersChallenge(words, base, direction, event, oldState)) return TrackOutcome.accept;
      break;
    case TcpCode.synSent2:
      setLastFlags(words, base, lastFlags(words, base) | TcpTrackFlag.simultaneousOpen);
      break;
    case TcpCode.synRecv:
      if (direction === 1 && event === TcpEventCode.ack && simultaneous(words, base))
        newState = TcpCode.established;
      break;
    case TcpCode.close: {
      if (event !== TcpEventCode.rst) break;
      const reset = judgeReset(words, base, direction, packet, oldState, context.settings);
      if (reset === ResetKind.invalid) return TrackOutcome.invalid;
      if (reset === ResetKind.keepState) newState = oldState;
      tested = reset === ResetKind.trusted;
      break;
    }
  }
  if (newState === TcpCode.ignore) {
    if (!resynchronises(words, base, direction, event, packet)) {
      rememberIgnored(words, base, direction, event, oldState, packet);
      return TrackOutcome.accept;
    }
    oldState = TcpCode.synSent;
    newState = TcpCode.synRecv;
  }
  if (!tested) {
    const outcome = testWindow(words, base, direction, event, packet, context.settings);
    if (outcome === WindowOutcome.ignore) return TrackOutcome.accept;
    if (outcome === WindowOutcome.invalid) {
      shortenOnStrayClose(words, base, direction, event, context);
      return TrackOutcome.invalid;
    }
  }
  return settle(words, base, direction, event, oldState, newState, context);
}

/** The segment was in window: take the new state and lifetime. */
function settle(
  words: Int32Array,
  base: number,
  direction: number,
  event: number,
  oldState: number,
  newState: number,
  context: TrackingContext,
): number {
  setProgress(words, base, newState, event, direction);
  if (oldState !== newState && newState === TcpCode.finWait)
    setFlags(words, base, direction, flagsOf(words, base, direction) | TcpTrackFlag.closeInit);

  const { timeouts } = context;
  let timeout = lifetime(words, base, event, newState, context);
  const status = words[base + Field.status]!;
  if ((status & Status.seenReply) === 0) {
    if (event === TcpEventCode.rst) return TrackOutcome.kill; // refused: no connection came of it
    // A client that reuses its port must not keep the entry alive for ever.
    if (event === TcpEventCode.syn && oldState === TcpCode.synSent) return TrackOutcome.accept;
    if (newState === TcpCode.established) timeout = Math.min(timeout, timeouts[Lifetime.unacknowledged]!);
  } else if (
    (status & Status.assured) === 0 &&
    (oldState === TcpCode.synRecv || oldState === TcpCode.established) &&
    newState === TcpCode.established
  ) {
    words[base + Field.status] = status | Status.assured;
  }
  refresh(words, base, timeout, context);
  return TrackOutcome.accept;
}

/** Sets the lifetime of an entry; one that is not confirmed yet holds it relative. */
export function refresh(
  words: Int32Array,
  base: number,
  timeoutTicks: number,
  context: TrackingContext,
): void {
  const status = words[base + Field.status]!;
  if ((status & Status.fixedTimeout) !== 0) return;
  if ((status & Status.confirmed) === 0) words[base + Field.timeout] = timeoutTicks;
  else expireAt(words, base, (timeoutTicks + context.nowTick) | 0, context);
}

function expireAt(words: Int32Array, base: number, tick: number, context: TrackingContext): void {
  words[base + Field.timeout] = tick;
  context.table.noteExpiry(tick);
}

function lifetime(
  words: Int32Array,
  base: number,
  event: number,
  state: number,
  context: TrackingContext,
): number {
  const { timeouts, settings } = context;
  const ofState = timeouts[state]!;
  const ofRetransmission = timeouts[Lifetime.maxRetrans]!;
  if (retransmissionsOf(words, base) >= settings.tcpMaxRetrans && ofState > ofRetransmission)
    return ofRetransmission;
  if (event === TcpEventCode.rst) return timeouts[TcpCode.close]!;
  const unacknowledged =
    (flagsOf(words, base, 0) | flagsOf(words, base, 1)) & TcpTrackFlag.dataUnacknowledged;
  if (unacknowledged !== 0 && ofState > timeouts[Lifetime.unacknowledged]!)
    return timeouts[Lifetime.unacknowledged]!;
  const closedWindow = (words[base + Field.lastWindow]! & 0xffff) === 0;
  return closedWindow && ofState > ofRetransmission ? ofRetransmission : ofState;
}

/** A SYN on a closed connection opens a new one if the close was seen to begin, or the sender reset it. */
function mayReopen(words: Int32Array, base: number, direction: number): boolean {
  const closing = (flagsOf(words, base, 0) | flagsOf(words, base, 1)) & TcpTrackFlag.closeInit;
  const resetBySender =
    lastDirection(words, base) === direction && lastEvent(words, base) === TcpEventCode.rst;
  return closing !== 0 || resetBySender;
}

/** RFC 5961, 4: an ACK that answers a SYN must not pass for the acknowledgement of the last FIN. */
function answersChallenge(
  words: Int32Array,
  base: number,
  direction: number,
  event: number,
  oldState: number,
): boolean {
  const challenged =
    oldState === TcpCode.lastAck &&
    event === TcpEventCode.ack &&
    lastDirection(words, base) !== direction &&
    lastEvent(words, base) === TcpEventCode.syn &&
    (lastFlags(words, base) & TcpTrackFlag.challengeAck) !== 0;
  if (challenged) setLastFlags(words, base, lastFlags(words, base) & ~TcpTrackFlag.challengeAck);
  return challenged;
}

function simultaneous(words: Int32Array, base: number): boolean {
  return (lastFlags(words, base) & TcpTrackFlag.simultaneousOpen) !== 0;
}

/**
 * A SYN/ACK that acknowledges a SYN which was ignored: the ends are in step and the entry was not. Takes the
 * values noted from that SYN.
 */
function resynchronises(
  words: Int32Array,
  base: number,
  direction: number,
  event: number,
  packet: Packet,
): boolean {
  const fits =
    event === TcpEventCode.synAck &&
    lastEvent(words, base) === TcpEventCode.syn &&
    lastDirection(words, base) !== direction &&
    (packet.acknowledgement | 0) === words[base + Field.lastEnd];
  if (!fits) return false;
  const opener = lastDirection(words, base);
  const window = base + Field.windowOriginal + 4 * opener;
  const end = words[base + Field.lastEnd]!;
  words[window + Window.end] = end;
  words[window + Window.maxEnd] = end;
  words[window + Window.maxWindow] = Math.max(words[base + Field.lastWindow]! & 0xffff, 1);
  setScale(words, base, opener, lastScale(words, base));
  setLastFlags(words, base, lastFlags(words, base) & ~TcpTrackFlag.challengeAck);
  setFlags(words, base, opener, lastFlags(words, base));
  forgetSender(words, base, direction);
  return true;
}

function forgetSender(words: Int32Array, base: number, direction: number): void {
  const window = base + Field.windowOriginal + 4 * direction;
  words.fill(0, window, window + 4);
  setScale(words, base, direction, 0);
  setFlags(words, base, direction, flagsOf(words, base, direction) & TcpTrackFlag.beLiberal);
}

/** Notes an ignored segment: the answer to it tells whether the entry or the ends are out of step. */
function rememberIgnored(
  words: Int32Array,
  base: number,
  direction: number,
  event: number,
  oldState: number,
  packet: Packet,
): void {
  setLastEvent(words, base, event);
  setLastDirection(words, base, direction);
  words[base + Field.lastSequence] = packet.sequence | 0;
  words[base + Field.lastEnd] = segmentEnd(packet);
  words[base + Field.lastWindow] = (words[base + Field.lastWindow]! & 0xffff0000) | packet.window;
  if (event === TcpEventCode.syn && direction === 0) {
    let flags = 0;
    if (packet.windowScale >= 0) flags |= TcpTrackFlag.windowScale;
    if (packet.sackPermitted) flags |= TcpTrackFlag.sackPermitted;
    // In LAST_ACK a challenge ACK to this SYN would look like the acknowledgement of the FIN.
    if (oldState === TcpCode.lastAck) flags |= TcpTrackFlag.challengeAck;
    setLastFlags(words, base, flags);
    setLastScale(words, base, packet.windowScale >= 0 ? Math.min(packet.windowScale, 14) : 0);
  }
  if (oldState === TcpCode.synSent && event === TcpEventCode.ack && direction === 1)
    words[base + Field.lastAcknowledgement] = packet.acknowledgement | 0;
}

/** `trusted`: closes without a window test; `closes`: closes if in window; `keepState`: in window at most. */
const ResetKind = { invalid: 0, trusted: 1, closes: 2, keepState: 3 } as const;

function judgeReset(
  words: Int32Array,
  base: number,
  direction: number,
  packet: Packet,
  oldState: number,
  settings: TrackingSettings,
): number {
  // While closing, the ports may be in use again: what the entry knows is out of date.
  if (oldState >= TcpCode.finWait && oldState <= TcpCode.close) return ResetKind.trusted;
  const sequence = packet.sequence | 0;
  const status = words[base + Field.status]!;
  const event = lastEvent(words, base);
  let kind: number = ResetKind.closes;
  const highestAckKnown = (flagsOf(words, base, 1 - direction) & TcpTrackFlag.maxAckSet) !== 0;
  if (highestAckKnown && event !== TcpEventCode.syn) {
    const established = oldState === TcpCode.established && (status & Status.assured) !== 0;
    if (sequence === 0 && !established) return ResetKind.closes; // answers a SYN that passed
    const highestAck = words[base + Field.windowOriginal + 4 * (1 - direction) + Window.maxAcknowledgement]!;
    if (before(sequence, highestAck) && !settings.tcpIgnoreInvalidRst) return ResetKind.invalid;
    if (!established || sequence === highestAck) return ResetKind.closes;
    // Part of a train: data, then the reset right behind it.
    const behindOwnData =
      event === TcpEventCode.ack &&
      lastDirection(words, base) === direction &&
      sequence === words[base + Field.lastEnd];
    if (behindOwnData) return ResetKind.closes;
    kind = ResetKind.keepState; // not exact: the receiver may answer with a challenge (RFC 5961)
  }
  if (kind === ResetKind.closes && answersIgnored(words, base, direction, packet, oldState))
    return ResetKind.trusted;
  return kind;
}

/** A reset that answers a segment which was let through although it did not fit. */
function answersIgnored(
  words: Int32Array,
  base: number,
  direction: number,
  packet: Packet,
  oldState: number,
): boolean {
  const status = words[base + Field.status]!;
  const event = lastEvent(words, base);
  // Only the other end can answer a SYN (measured, 6.18.44; older kernels do not ask whose reset it is).
  const afterSyn =
    (status & Status.seenReply) !== 0 &&
    event === TcpEventCode.syn &&
    lastDirection(words, base) !== direction;
  const afterAck = (status & Status.assured) === 0 && event === TcpEventCode.ack;
  if ((afterSyn || afterAck) && (packet.acknowledgement | 0) === words[base + Field.lastEnd]) return true;
  return (
    oldState === TcpCode.synSent &&
    event === TcpEventCode.ack &&
    lastDirection(words, base) === 1 &&
    (packet.sequence | 0) === words[base + Field.lastAcknowledgement]
  );
}

/**
 * A FIN or RST out of window, answered by another one: the connection is likely dead, so it shall not linger
 * for days. Source: Linux 6.18, `nf_tcp_handle_invalid`.
 */
function shortenOnStrayClose(
  words: Int32Array,
  base: number,
  direction: number,
  event: number,
  context: TrackingContext,
): void {
  const status = words[base + Field.status]!;
  if ((status & Status.assured) === 0 || (status & Status.fixedTimeout) !== 0) return;
  if (event !== TcpEventCode.rst && event !== TcpEventCode.fin) return;
  const last = lastEvent(words, base);
  const answered =
    lastDirection(words, base) !== direction && (last === TcpEventCode.fin || last === TcpEventCode.rst);
  if (!answered) {
    setLastEvent(words, base, event);
    setLastDirection(words, base, direction);
    return;
  }
  const left = (words[base + Field.timeout]! - context.nowTick) | 0;
  const shorter = context.timeouts[Lifetime.unacknowledged]!;
  if (left >= ticks(120) && left > shorter) expireAt(words, base, (context.nowTick + shorter) | 0, context);
}
