import { TcpFlag, type Packet } from '../network/packet.ts';
import { Field, TcpTrackFlag, Window } from './entry-layout.ts';
import { TcpCode, TcpEventCode } from './tcp-transitions.ts';
import {
  flagsOf,
  lastDirection,
  retransmissionsOf,
  scaleOf,
  setFlags,
  setFirstFrom,
  setRetransmissions,
  setScale,
  tcpStateOf,
} from './tcp-fields.ts';
import type { TrackingSettings } from './tracking-settings.ts';

/** What the window test says of a segment. */
export const WindowOutcome = { accept: 0, ignore: 1, invalid: 2 } as const;

/**
 * Tests a segment against the windows of its connection and, where it fits, moves them on.
 *
 * The four bounds are those of van Rooij, "Real Stateful TCP Packet Filtering in IP Filter" (2000): highest and
 * lowest data, highest and lowest acknowledgement. A segment may begin left and end right of the window.
 * Source: Linux 6.18, net/netfilter/nf_conntrack_proto_tcp.c, `tcp_in_window`; what of it may pass although
 * out of window was measured (Linux 6.18.44, results/reference/golden-conntrack.json.gz).
 *
 * The entry is the row at `base` of `words`; `direction` is the segment's, 0 original, 1 reply.
 */
export function testWindow(
  words: Int32Array,
  base: number,
  direction: number,
  event: number,
  packet: Packet,
  settings: TrackingSettings,
): number {
  const sender = base + Field.windowOriginal + 4 * direction;
  const receiver = base + Field.windowOriginal + 4 * (1 - direction);
  const acknowledges = (packet.tcpFlags & TcpFlag.ack) !== 0;
  let sequence = packet.sequence | 0;
  let end = segmentEnd(packet);
  let ack = packet.acknowledgement | 0;
  let sack = ack;
  if ((flagsOf(words, base, 1 - direction) & TcpTrackFlag.sackPermitted) !== 0)
    sack = highestSack(packet, ack);

  if (learnSender(words, base, direction, packet, end, sack)) return WindowOutcome.accept;

  const reset = (packet.tcpFlags & TcpFlag.rst) !== 0;
  // Some stacks set ACK in a RST and acknowledge zero.
  if (!acknowledges || (reset && ack === 0)) {
    ack = words[receiver + Window.end]!;
    sack = ack;
  }
  // A RST with sequence zero answers a SYN.
  if (reset && sequence === 0 && tcpStateOf(words, base) === TcpCode.synSent) {
    sequence = words[sender + Window.end]!;
    end = sequence;
  }

  if (settings.windowTest === 'linux-3.6' && sequence === end && !reset) {
    sequence = words[sender + Window.end]!;
    end = sequence;
  }

  const outcome =
    settings.windowTest === 'linux-6.18'
      ? threeOutcomes(words, base, direction, sequence, end, sack)
      : fourWay(words, sender, receiver, sequence, end, sack);
  if (outcome !== WindowOutcome.accept) {
    const liberal = (flagsOf(words, base, direction) & TcpTrackFlag.beLiberal) !== 0;
    // Liberal lets it pass as in window, yet it does not move the windows.
    return liberal || settings.tcpBeLiberal ? WindowOutcome.accept : outcome;
  }
  advance(words, base, direction, packet, end, ack, sack);
  if (event === TcpEventCode.ack)
    countRetransmission(words, base, direction, sequence, ack, end, packet.window);
  return WindowOutcome.accept;
}

/** One past the last sequence number that a segment takes: SYN and FIN count. */
export function segmentEnd(packet: Packet): number {
  const flags = packet.tcpFlags;
  const extra = ((flags & TcpFlag.syn) !== 0 ? 1 : 0) + ((flags & TcpFlag.fin) !== 0 ? 1 : 0);
  return (packet.sequence + packet.payloadBytes + extra) | 0;
}

/** Whether sequence number `a` lies before `b`, modulo 2^32. */
export function before(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

/** Takes scale and SACK permission from a segment's options; a segment without options changes nothing. */
export function learnOptions(words: Int32Array, base: number, direction: number, packet: Packet): void {
  const any =
    packet.windowScale >= 0 ||
    packet.maximumSegmentBytes >= 0 ||
    packet.sackPermitted ||
    packet.sackBlocks !== null;
  if (!any) return;
  let flags = flagsOf(words, base, direction) & TcpTrackFlag.beLiberal;
  if (packet.sackPermitted) flags |= TcpTrackFlag.sackPermitted;
  if (packet.windowScale >= 0) flags |= TcpTrackFlag.windowScale;
  setFlags(words, base, direction, flags);
  setScale(words, base, direction, packet.windowScale >= 0 ? Math.min(packet.windowScale, scaleMax) : 0);
}

const scaleMax = 14; // RFC 7323, 2.3
const ackWindowMin = 66_000;

/** Fills in a sender that is not known yet, or renews one whose SYN comes again; true: judge no further. */
function learnSender(
  words: Int32Array,
  base: number,
  direction: number,
  packet: Packet,
  end: number,
  sack: number,
): boolean {
  const sender = base + Field.windowOriginal + 4 * direction;
  const syn = (packet.tcpFlags & TcpFlag.syn) !== 0;
  const acknowledges = (packet.tcpFlags & TcpFlag.ack) !== 0;
  if (words[sender + Window.maxWindow] === 0) {
    if (!syn) {
      joinMidway(words, base, direction, packet, end, sack);
      return false;
    }
    startSender(words, base, direction, packet, end);
    return !acknowledges; // simultaneous open
  }
  if (!syn || !before(words[sender + Window.end]!, end)) return false;
  const state = tcpStateOf(words, base);
  if (state !== TcpCode.synSent && state !== TcpCode.synRecv) return false;
  // RFC 793, 3.3: a reinitialised end only has to use higher sequence numbers.
  startSender(words, base, direction, packet, end);
  return direction === 1 && !acknowledges;
}

function startSender(words: Int32Array, base: number, direction: number, packet: Packet, end: number): void {
  const sender = base + Field.windowOriginal + 4 * direction;
  words[sender + Window.end] = end;
  words[sender + Window.maxEnd] = end;
  words[sender + Window.maxWindow] = Math.max(packet.window, 1);
  learnOptions(words, base, direction, packet);
  // RFC 7323, 2.2: scaling needs the option from both ends.
  const both = flagsOf(words, base, 0) & flagsOf(words, base, 1) & TcpTrackFlag.windowScale;
  if (direction === 1 && both === 0) {
    setScale(words, base, 0, 0);
    setScale(words, base, 1, 0);
  }
}

/** The sender's history is lost: believe the segment. */
function joinMidway(
  words: Int32Array,
  base: number,
  direction: number,
  packet: Packet,
  end: number,
  sack: number,
): void {
  const sender = base + Field.windowOriginal + 4 * direction;
  const receiver = base + Field.windowOriginal + 4 * (1 - direction);
  const window = Math.max(packet.window << scaleOf(words, base, direction), 1);
  words[sender + Window.end] = end;
  words[sender + Window.maxWindow] = window;
  words[sender + Window.maxEnd] = end + window;
  const receiverEnd = words[receiver + Window.end]!;
  if (words[receiver + Window.maxWindow] === 0) {
    words[receiver + Window.end] = sack;
    words[receiver + Window.maxEnd] = sack;
  } else if (sack === ((receiverEnd + 1) | 0)) {
    words[receiver + Window.end] = sack; // the answer to a keep-alive
  }
}

function threeOutcomes(
  words: Int32Array,
  base: number,
  direction: number,
  sequence: number,
  end: number,
  sack: number,
): number {
  const sender = base + Field.windowOriginal + 4 * direction;
  const receiver = base + Field.windowOriginal + 4 * (1 - direction);
  const senderEnd = words[sender + Window.end]!;
  const senderMaxEnd = words[sender + Window.maxEnd]!;
  const receiverEnd = words[receiver + Window.end]!;
  const receiverWindow = words[receiver + Window.maxWindow]!;
  const notTooLow = before(senderEnd - receiverWindow - 1, end);
  const ackNotTooLow = before(lowestAck(words, sender, receiver), sack);
  const ackNotTooHigh = before(sack, receiverEnd + 1);

  if (!before(sequence, senderMaxEnd + 1)) {
    const overshot = (end - senderMaxEnd + 1) >>> 0;
    const small = receiverWindow !== 0 && overshot <= receiverWindow >>> 0;
    if (!small || !notTooLow || !ackNotTooLow || !ackNotTooHigh) return WindowOutcome.invalid;
    // It passes, so the peer may acknowledge it: remember how far it went.
    words[sender + Window.end] = end;
    setFlags(words, base, direction, flagsOf(words, base, direction) | TcpTrackFlag.dataUnacknowledged);
    return WindowOutcome.ignore;
  }
  if (!ackNotTooHigh) return WindowOutcome.invalid;
  if (receiverWindow !== 0 && !notTooLow) return WindowOutcome.ignore;
  return ackNotTooLow ? WindowOutcome.accept : WindowOutcome.ignore;
}

/** Linux before 6.1: the same bounds, each of them fatal. */
function fourWay(
  words: Int32Array,
  sender: number,
  receiver: number,
  sequence: number,
  end: number,
  sack: number,
): number {
  const receiverWindow = words[receiver + Window.maxWindow]!;
  const fits =
    before(sequence, words[sender + Window.maxEnd]! + 1) &&
    (receiverWindow === 0 || before(words[sender + Window.end]! - receiverWindow - 1, end)) &&
    before(sack, words[receiver + Window.end]! + 1) &&
    before(lowestAck(words, sender, receiver), sack);
  return fits ? WindowOutcome.accept : WindowOutcome.invalid;
}

function lowestAck(words: Int32Array, sender: number, receiver: number): number {
  const span = Math.max(words[sender + Window.maxWindow]! >>> 0, ackWindowMin);
  return words[receiver + Window.end]! - span - 1;
}

function advance(
  words: Int32Array,
  base: number,
  direction: number,
  packet: Packet,
  end: number,
  ack: number,
  sack: number,
): void {
  const sender = base + Field.windowOriginal + 4 * direction;
  const receiver = base + Field.windowOriginal + 4 * (1 - direction);
  const syn = (packet.tcpFlags & TcpFlag.syn) !== 0;
  const window = syn ? packet.window : packet.window << scaleOf(words, base, direction);
  let flags = flagsOf(words, base, direction);

  const widest = (window + (sack - ack)) | 0;
  if (words[sender + Window.maxWindow]! >>> 0 < widest >>> 0) words[sender + Window.maxWindow] = widest;
  if (before(words[sender + Window.end]!, end)) {
    words[sender + Window.end] = end;
    flags |= TcpTrackFlag.dataUnacknowledged;
  }
  if ((packet.tcpFlags & TcpFlag.ack) !== 0) {
    const known = (flags & TcpTrackFlag.maxAckSet) !== 0;
    if (!known || before(words[sender + Window.maxAcknowledgement]!, ack))
      words[sender + Window.maxAcknowledgement] = ack;
    flags |= TcpTrackFlag.maxAckSet;
  }
  setFlags(words, base, direction, flags);

  const senderMaxEnd = words[sender + Window.maxEnd]!;
  if (words[receiver + Window.maxWindow] !== 0 && before(senderMaxEnd, end))
    words[receiver + Window.maxWindow]! += (end - senderMaxEnd) | 0;
  if (before(words[receiver + Window.maxEnd]! - 1, sack + window))
    words[receiver + Window.maxEnd] = sack + window + (window === 0 ? 1 : 0);
  if (ack === words[receiver + Window.end])
    setFlags(
      words,
      base,
      1 - direction,
      flagsOf(words, base, 1 - direction) & ~TcpTrackFlag.dataUnacknowledged,
    );
}

function countRetransmission(
  words: Int32Array,
  base: number,
  direction: number,
  sequence: number,
  ack: number,
  end: number,
  window: number,
): void {
  const lastWindow = words[base + Field.lastWindow]!;
  const same =
    lastDirection(words, base) === direction &&
    words[base + Field.lastSequence] === sequence &&
    words[base + Field.lastAcknowledgement] === ack &&
    words[base + Field.lastEnd] === end &&
    (lastWindow & 0xffff) === window;
  if (same) {
    setRetransmissions(words, base, (retransmissionsOf(words, base) + 1) & 255);
    return;
  }
  setFirstFrom(words, base, direction);
  words[base + Field.lastSequence] = sequence;
  words[base + Field.lastAcknowledgement] = ack;
  words[base + Field.lastEnd] = end;
  words[base + Field.lastWindow] = (lastWindow & 0xffff0000) | window;
}

function highestSack(packet: Packet, ack: number): number {
  const blocks = packet.sackBlocks;
  let highest = ack;
  if (blocks === null) return highest;
  for (let edge = 1; edge < blocks.length; edge += 2) {
    const right = blocks[edge]! | 0;
    if (before(highest, right)) highest = right;
  }
  return highest;
}
