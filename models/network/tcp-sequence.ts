import { TcpFlag, type Packet } from './packet.ts';
import type { TcpEnd } from './tcp-end.ts';
import { windowBytes } from './tcp-packet.ts';

/** Turns a sequence number into an offset near `around`: numbers wrap at 2^32, offsets do not. */
export function offsetOf(sequence: number, initial: number, around: number): number {
  return around + ((sequence - initial - around) | 0);
}

/** How far below what is acknowledged an acknowledgement may lie (RFC 5961, 5.2, MAX.SND.WND). */
export const oldestAcknowledgedBytes = 2 ** 22;

/** Linux, net/ipv4/tcp_input.c, tcp_sequence: not wholly before what is expected, nor beyond the window. */
export function acceptable(end: TcpEnd, offset: number, packet: Packet): boolean {
  const { block } = end;
  const syn = (packet.tcpFlags & TcpFlag.syn) === 0 ? 0 : 1;
  const fin = (packet.tcpFlags & TcpFlag.fin) === 0 ? 0 : 1;
  const past = offset + packet.payloadBytes + syn + fin;
  const window = windowBytes(block);
  return past >= block.expectedOffset && offset <= block.expectedOffset + window;
}

export function acknowledgesSyn(end: TcpEnd, packet: Packet): boolean {
  const acknowledges = (packet.tcpFlags & TcpFlag.ack) !== 0;
  return acknowledges && offsetOf(packet.acknowledgement, end.block.ownSequence, 0) === 1;
}

/** The SACK blocks of a packet as offsets, null without any. */
export function sackOffsets(end: TcpEnd, packet: Packet): number[] | null {
  const { ownSequence, unacknowledged, selective } = end.block;
  if (packet.sackBlocks === null || !selective) return null;
  return packet.sackBlocks.map((edge) => offsetOf(edge, ownSequence, unacknowledged));
}
