import type { Writable } from '../../sim/writable.ts';
import { Packet, TcpFlag } from './packet.ts';
import { stampOf } from './rtt-estimator.ts';
import type { TcpEnd } from './tcp-end.ts';
import { hasSackBlocks, sackBlocksOf } from './tcp-receiver.ts';
import type { TransmissionControlBlock } from './transmission-control-block.ts';

/**
 * A TCP packet. Offset 0 is the SYN, the one after the last byte the FIN. `transmission` counts the transmissions of the
 * same bytes, or pure ACKs, and is part of the index of chance on the way; `recentOffset` arrived last, and its SACK
 * block goes first (RFC 2018, 4).
 */
export function tcpPacket(
  end: TcpEnd,
  offset: number,
  payloadBytes: number,
  flags: number,
  transmission: number,
  recentOffset: number,
): Packet {
  const { block } = end;
  const { settings } = block;
  const syn = (flags & TcpFlag.syn) !== 0;
  const acknowledges = (flags & TcpFlag.ack) !== 0;
  const sack = hasSackBlocks(block) && block.selective ? sackBlocksOf(block, recentOffset) : null;
  const offersScale = syn && (!acknowledges || block.ownScale > 0);
  const offersSack = syn && (acknowledges ? block.selective : settings.selectiveAcknowledgement);
  const packet: Writable<Packet> = new Packet();
  packet.source = end.local;
  packet.destination = end.remote;
  packet.sourcePort = end.localPort;
  packet.destinationPort = end.remotePort;
  packet.tcpFlags = flags;
  packet.sequence = (block.ownSequence + offset) >>> 0;
  packet.acknowledgement = acknowledges ? (block.remoteSequence + block.expectedOffset) >>> 0 : 0;
  packet.window = Math.min(65535, windowBytes(block) >>> (syn ? 0 : block.ownScale));
  packet.windowScale = offersScale ? settings.windowScale : -1;
  packet.maximumSegmentBytes = syn ? settings.segmentBytesMax : -1;
  packet.sackPermitted = offersSack;
  packet.sackBlocks = sack === null ? null : sack.map((edge) => (block.remoteSequence + edge) >>> 0);
  if (block.recentStamp >= 0 || (syn && !acknowledges && settings.listen.timestamps)) {
    packet.timestamp = stampOf(end.host.clock.nowNs);
    packet.timestampEcho = block.recentStamp;
  }
  packet.payloadBytes = payloadBytes;
  packet.fragmentId = transmission;
  packet.intent = end.intent;
  packet.flow = end.flow;
  return packet;
}

/** The receive window opens by twice what has arrived (net/ipv4/tcp_input.c, tcp_grow_window). */
export function windowBytes(block: TransmissionControlBlock): number {
  const { receiveBufferBytes } = block.settings;
  const opened = firstWindowBytes + 2 * (block.expectedOffset - 1);
  const largest = block.ownScale > 0 ? receiveBufferBytes : 65535;
  return Math.min(opened, receiveBufferBytes, largest);
}

/** Linux's first window at a segment of 1460 bytes: 44 whole segments. */
const firstWindowBytes = 64_240;
