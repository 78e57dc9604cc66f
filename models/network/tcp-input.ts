import { TcpFlag, type Packet } from './packet.ts';
import { stampOf } from './rtt-estimator.ts';
import type { TcpEnd } from './tcp-end.ts';
import { acknowledge } from './tcp-output.ts';
import { acceptData, hasFinished, hasHole } from './tcp-receiver.ts';
import { beginTransfer } from './tcp-recovery.ts';
import { acknowledged } from './tcp-sender.ts';
import type { TransmissionControlBlock } from './transmission-control-block.ts';

/** Takes the answer to a SYN: what the ends have agreed on, and the first round trip. */
export function takeSynAnswer(block: TransmissionControlBlock, packet: Packet, nowNs: number): void {
  block.agreeOptions(packet);
  // The answer to the first SYN says that those after it were needless (tcp_try_undo_spurious_syn).
  const needless = packet.timestampEcho === stampOf(block.firstRetransmissionNs);
  const synsAgain = block.timeouts;
  acknowledged(block, 1, null, false, packet.timestampEcho, nowNs);
  block.firstRetransmissionNs = -1;
  if (synsAgain > 0) beginTransfer(block, needless ? 0 : synsAgain);
}

/** Takes the data and the FIN of a segment that fits, and acknowledges them. Returns the bytes newly in order. */
export function takeData(end: TcpEnd, offset: number, packet: Packet, fin: boolean): number {
  const { block, state } = end;
  const { expectedOffset } = block;
  const hadHole = hasHole(block);
  const bytes = acceptData(block, offset, packet.payloadBytes, fin);
  const old = offset + packet.payloadBytes + (fin ? 1 : 0) <= expectedOffset;
  const odd = old || hadHole || hasHole(block);
  // The first FIN's acknowledgement waits for the FIN of this end, the last FIN's does not (net/ipv4/tcp_input.c, tcp_fin).
  const last = fin && (state === 'fin-wait-1' || state === 'fin-wait-2');
  if (old) block.noteOld(offset, packet);
  if (packet.payloadBytes > 0) block.noteSegment(packet);
  if (fin && state === 'established') block.interactive = true;
  acknowledge(end, odd || last, bytes > 0, offset);
  return bytes;
}

/**
 * Whether a segment brings data to an end that nobody reads: they are answered by a RST, and so is a FIN before which some
 * are missing (net/ipv4/tcp_input.c, tcp_rcv_state_process; tcp_minisocks.c, tcp_timewait_state_process).
 */
export function comesTooLate(block: TransmissionControlBlock, offset: number, packet: Packet): boolean {
  return block.orphaned && !hasFinished(block) && offset + packet.payloadBytes > block.expectedOffset;
}

/**
 * Whether a RST is believed: it has the number expected next, after a FIN also the FIN's, or what follows the last piece
 * beyond a hole (RFC 5961, 3.2; net/ipv4/tcp_input.c, tcp_validate_incoming and tcp_reset_check).
 */
export function fitsReset({ block, state }: TcpEnd, offset: number): boolean {
  const { expectedOffset, pieces } = block;
  if (offset === expectedOffset) return true;
  if (offset === expectedOffset - 1) return hasFinished(block) && state !== 'time-wait';
  return block.selective && pieces.length > 0 && offset === pieces[pieces.length - 1];
}

/** Whether an end that is given up tells the other by a RST (net/ipv4/tcp.c, tcp_need_reset and tcp_disconnect). */
export function owesReset({ state, block }: TcpEnd): boolean {
  if (state === 'established' || state === 'close-wait' || state === 'fin-wait-1') return true;
  return state === 'fin-wait-2' && !block.orphaned;
}

export function hasFin(packet: Packet): boolean {
  return (packet.tcpFlags & TcpFlag.fin) !== 0;
}
