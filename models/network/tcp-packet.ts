import { Protocol, TcpFlag, type Packet } from './packet.ts';
import type { TcpEnd } from './tcp-end.ts';
import { hasSackBlocks, sackBlocksOf } from './tcp-receiver.ts';
import type { TransmissionControlBlock } from './transmission-control-block.ts';

/**
 * A TCP packet, written out for speed: with the keys of `changedPacket` in their order, so that all packets have one
 * shape. Offset 0 is the SYN, the one after the last byte the FIN. `transmission` counts the transmissions of the same bytes, or pure ACKs, and is part of
 * the index of chance on the way; `recentOffset` arrived last, and its SACK block goes first (RFC 2018, 4).
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
  return {
    source: end.local,
    destination: end.remote,
    protocol: Protocol.tcp,
    sourcePort: end.localPort,
    destinationPort: end.remotePort,
    tcpFlags: flags,
    sequence: (block.ownSequence + offset) >>> 0,
    acknowledgement: acknowledges ? (block.remoteSequence + block.expectedOffset) >>> 0 : 0,
    window: Math.min(65535, windowBytes(block) >>> (syn ? 0 : block.ownScale)),
    windowScale: offersScale ? settings.windowScale : -1,
    maximumSegmentBytes: syn ? settings.segmentBytesMax : -1,
    sackPermitted: offersSack,
    sackBlocks: sack === null ? null : sack.map((edge) => (block.remoteSequence + edge) >>> 0),
    icmpType: -1,
    icmpCode: 0,
    icmpId: 0,
    icmpSequence: 0,
    quoted: null,
    quotedBytes: 0,
    payloadBytes,
    checksumValid: true,
    fragmentOffsetBytes: -1,
    moreFragments: false,
    fragmentId: transmission,
    espSequence: -1,
    announces: null,
    endsLine: true,
    intent: end.intent,
    flow: end.flow,
  };
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
