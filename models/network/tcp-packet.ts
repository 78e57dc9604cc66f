import { Protocol, TcpFlag, type Packet } from './packet.ts';
import type { TcpEnd } from './tcp-end.ts';
import { initialSequence } from './initial-sequence.ts';
import type { TcpSettings } from './tcp-settings.ts';
import type { TransmissionControlBlock } from './transmission-control-block.ts';

/** What one packet carries; offset 0 is the SYN, the one after the last byte the FIN. */
export interface TcpContent {
  readonly offset: number;
  readonly payloadBytes: number;
  readonly flags: number;
  /** Counts the transmissions of the same bytes, or pure ACKs: part of the index of chance on the way. */
  readonly transmission: number;
  /** The offset that arrived last: its SACK block goes first (RFC 2018, 4). */
  readonly recentOffset: number;
}

/** A TCP packet, written out for speed: with the keys of `changedPacket` in their order, so that all packets have one shape. */
export function tcpPacket(end: TcpEnd, content: TcpContent): Packet {
  const { block } = end;
  const { settings } = end.host;
  const { flags } = content;
  const { receiver } = block;
  const syn = (flags & TcpFlag.syn) !== 0;
  const acknowledges = (flags & TcpFlag.ack) !== 0;
  const sack = receiver.hasBlocks && block.selective ? receiver.sackBlocks(content.recentOffset) : null;
  const offersScale = syn && (!acknowledges || block.ownScale > 0);
  const offersSack = syn && (acknowledges ? block.selective : settings.selectiveAcknowledgement);
  return {
    source: end.local,
    destination: end.remote,
    protocol: Protocol.tcp,
    sourcePort: end.localPort,
    destinationPort: end.remotePort,
    tcpFlags: flags,
    sequence: (initialSequence(end) + content.offset) >>> 0,
    acknowledgement: acknowledges ? (block.remoteSequence + receiver.nextOffset) >>> 0 : 0,
    window: Math.min(65535, windowBytes(block, settings) >>> (syn ? 0 : block.ownScale)),
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
    payloadBytes: content.payloadBytes,
    checksumValid: true,
    fragmentOffsetBytes: -1,
    moreFragments: false,
    fragmentId: content.transmission,
    espSequence: -1,
    announces: null,
    endsLine: true,
    intent: end.intent,
    flow: end.flow,
  };
}

/** The receive window opens by twice what has arrived (net/ipv4/tcp_input.c, tcp_grow_window). */
export function windowBytes(block: TransmissionControlBlock, settings: TcpSettings): number {
  const opened = firstWindowBytes + 2 * (block.receiver.nextOffset - 1);
  const largest = block.ownScale > 0 ? settings.receiveBufferBytes : 65535;
  return Math.min(opened, settings.receiveBufferBytes, largest);
}

/** Linux's first window at a segment of 1460 bytes: 44 whole segments. */
const firstWindowBytes = 64_240;
