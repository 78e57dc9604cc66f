import { s } from '../../sim/time.ts';
import { TcpFlag, type Packet } from './packet.ts';
import type { TcpEnd } from './tcp-end.ts';
import { tcpPacket } from './tcp-packet.ts';
import { joinFollowing, tailSegment, type SentRange } from './tcp-scoreboard.ts';
import { lostRange, noteSentAgain, noteSentNew } from './tcp-sender.ts';
import { setRetransmitTimer, setTimeoutOnly } from './tcp-timers.ts';

/** Sends what follows `nextOffset` up to `upTo`: the SYN, data or the FIN. */
export function sendNew(end: TcpEnd, upTo: number): void {
  const { block, host } = end;
  const start = block.nextOffset;
  const first = block.firstRange === null;
  noteSentNew(block, upTo, host.clock.nowNs);
  // New data bring the timeout back to the oldest segment's that a probe had put off (tcp_schedule_loss_probe after tcp_write_xmit).
  const probed = block.probeEnd >= 0 && block.phase === 'open' && block.sackedSegments === 0;
  if (first || block.retransmitReason === 'probe' || probed) setTimer(end, false);
  if (start > 0) block.answers(host.clock.nowNs);
  emit(end, rangePacket(end, start, upTo, 0));
}

/** Sends a range once more. */
export function sendAgain(end: TcpEnd, range: SentRange): void {
  joinFollowing(end.block, range, end.block.unacknowledged + end.block.peerWindowBytes);
  emit(end, rangePacket(end, range.start, range.end, range.transmissions));
  noteSentAgain(end.block, range, end.host.clock.nowNs);
}

/** Answers a SYN that came again; the timeout of the answer begins anew (net/ipv4/tcp_minisocks.c, tcp_check_req). */
export function answerSynAgain(end: TcpEnd): void {
  const { firstRange: first } = end.block;
  if (first === null) return;
  sendAgain(end, first);
  restartTimer(end);
}

/**
 * Sends what is lost, as far as the window allows. The timeout counts anew from the retransmission of the oldest
 * range (net/ipv4/tcp_output.c, tcp_xmit_retransmit_queue).
 */
export function sendLost(end: TcpEnd): void {
  const { block } = end;
  for (let lost = lostRange(block); lost !== null; lost = lostRange(block)) {
    sendAgain(end, lost);
    if (lost === block.firstRange && block.retransmitReason !== 'reordering') restartTimer(end);
  }
}

/**
 * A tail-loss probe: new data if there are any, otherwise the last segment again (RFC 8985, 7.3); none while it is not
 * known what became of the last one.
 */
export function sendProbe(end: TcpEnd): void {
  const { block } = end;
  const { nowNs } = end.host.clock;
  if (block.probeEnd >= 0) {
    setTimeoutOnly(block, end.state, nowNs, block.firstRange!.sentNs);
    return;
  }
  const newEnd = Math.min(block.endOffset, block.nextOffset + block.segmentBytes);
  const fits = newEnd > block.nextOffset && newEnd <= block.unacknowledged + block.peerWindowBytes;
  const tail = fits ? null : tailSegment(block);
  if (fits) sendNew(end, newEnd);
  else if (tail !== null) sendAgain(end, tail);
  block.probeEnd = block.nextOffset;
  block.probeRepeats = !fits;
  setTimeoutOnly(block, end.state, nowNs, nowNs);
}

/** Answers data that lie outside the window (net/ipv4/tcp_input.c, tcp_send_dupack). */
export function answerUnfit(end: TcpEnd, offset: number, packet: Packet): void {
  const { block } = end;
  if (offset < block.expectedOffset) block.noteOld(offset, packet);
  emitAck(end, 0);
}

/** Every 500 ms at most, or two ends with shifted numbers would answer each other for ever (Linux, tcp_invalid_ratelimit). */
export function answerInvalid(end: TcpEnd): void {
  const { block, host } = end;
  const { nowNs } = host.clock;
  if (block.invalidAnsweredNs >= 0 && nowNs - block.invalidAnsweredNs < s / 2) return;
  block.invalidAnsweredNs = nowNs;
  emitAck(end, 0);
}

/** Acknowledges what has come at once or after the delay; `recentOffset` is what came last. */
export function acknowledge(end: TcpEnd, odd: boolean, inOrder: boolean, recentOffset: number): void {
  const { block, host } = end;
  const { nowNs } = host.clock;
  if (block.ackOwedNs === Infinity) block.ackOwedNs = nowNs;
  if (block.acknowledgesAtOnce(odd, inOrder, nowNs)) emitAck(end, recentOffset);
}

/** Acknowledges what has come; `recentOffset` is what came last. */
export function emitAck(end: TcpEnd, recentOffset: number): void {
  const { block } = end;
  emit(end, tcpPacket(end, block.nextOffset, 0, TcpFlag.ack, ++block.acksSent, recentOffset));
}

/** An old byte that must be acknowledged (RFC 9293, 3.8.4). */
export function emitKeepAlive(end: TcpEnd): void {
  const { block } = end;
  block.keepAliveProbes++;
  emit(end, tcpPacket(end, block.nextOffset - 1, 0, TcpFlag.ack, ++block.acksSent, 0));
}

export function emitReset(end: TcpEnd): void {
  emit(end, tcpPacket(end, end.block.nextOffset, 0, TcpFlag.rst | TcpFlag.ack, 0, 0));
}

/** What the end would send if it had to: the oldest segment on its way again, or one byte more. */
export function packetIfAsked(end: TcpEnd): Packet {
  const { block } = end;
  const { firstRange: first } = block;
  if (first === null) return tcpPacket(end, block.nextOffset, 1, TcpFlag.ack | TcpFlag.psh, 0, 0);
  return rangePacket(end, first.start, Math.min(first.end, first.start + block.segmentBytes), 0);
}

/** Sets the retransmission timer anew, from now on. */
export function restartTimer(end: TcpEnd): void {
  setTimer(end, true);
}

function setTimer(end: TcpEnd, afterNews: boolean): void {
  setRetransmitTimer(end.block, end.state, end.host.clock.nowNs, afterNews);
}

function emit(end: TcpEnd, packet: Packet): void {
  end.sent();
  end.host.emit(packet);
}

function rangePacket(end: TcpEnd, start: number, upTo: number, transmission: number): Packet {
  if (start === 0) {
    const flags = end.state === 'syn-sent' ? TcpFlag.syn : TcpFlag.syn | TcpFlag.ack;
    return tcpPacket(end, 0, 0, flags, transmission, 0);
  }
  const { endOffset, segmentBytes, settings } = end.block;
  const fin = upTo > endOffset ? TcpFlag.fin : 0;
  const bytes = Math.min(upTo, endOffset) - start;
  // Packets of several segments are pushed since Linux 5.5 (net/ipv4/tcp_output.c, __tcp_transmit_skb).
  const several = bytes > segmentBytes && settings.age === 'linux-6.x';
  const push = bytes > 0 && (upTo >= endOffset || several) ? TcpFlag.psh : 0;
  return tcpPacket(end, start, bytes, TcpFlag.ack | fin | push, transmission, 0);
}
