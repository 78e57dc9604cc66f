import { initialSequence } from './initial-sequence.ts';
import { changedPacket, makePacket, Protocol, TcpFlag, type Packet } from './packet.ts';
import { stampOf } from './rtt-estimator.ts';
import type { TcpSettings } from './tcp-settings.ts';

/**
 * The answer to a SYN that no memory is spent on: its own number is the cookie (RFC 4987, 3.6). What else both ends offer it
 * keeps in its timestamp, and does not offer without one (net/ipv4/tcp_input.c, tcp_conn_request).
 */
export function cookieAnswer(syn: Packet, settings: TcpSettings, nowNs: number): Packet {
  const stamped = settings.listen.timestamps && syn.timestamp >= 0;
  const scaled = stamped && syn.windowScale >= 0 && settings.windowScale >= 0;
  const sackPermitted = stamped && syn.sackPermitted && settings.selectiveAcknowledgement;
  const options = (scaled ? syn.windowScale : noScale) + (sackPermitted ? sackBit : 0);
  return makePacket({
    source: syn.destination,
    sourcePort: syn.destinationPort,
    destination: syn.source,
    destinationPort: syn.sourcePort,
    protocol: Protocol.tcp,
    tcpFlags: TcpFlag.syn | TcpFlag.ack,
    sequence: initialSequence({ flow: syn.flow, localPort: syn.destinationPort }),
    acknowledgement: (syn.sequence + 1) >>> 0,
    window: 64_240,
    windowScale: scaled ? settings.windowScale : -1,
    maximumSegmentBytes: settings.segmentBytesMax,
    sackPermitted,
    timestamp: stamped ? stampWith(options, stampOf(nowNs)) : -1,
    timestampEcho: stamped ? syn.timestamp : -1,
    fragmentId: 0,
    intent: syn.intent,
    flow: syn.flow,
  });
}

/**
 * What a cookie that comes back has kept of its SYN (net/ipv4/syncookies.c): the numbers, a segment size, and in the
 * timestamp that it echoes the options; null if it is none. Our own segment size stands for the cookie's.
 */
export function synOfCookie(packet: Packet, settings: TcpSettings): Packet | null {
  const cookie = initialSequence({ flow: packet.flow, localPort: packet.destinationPort });
  if (packet.acknowledgement !== (cookie + 1) >>> 0) return null;
  const sequence = (packet.sequence - 1) >>> 0;
  // The first data serve as well where the acknowledgement was lost, later data do not: the cookie holds the SYN's number.
  const ofPeer = initialSequence({ flow: packet.flow, localPort: packet.sourcePort });
  if (packet.payloadBytes > 0 && sequence !== ofPeer) return null;
  const options = packet.timestampEcho < 0 ? noScale : packet.timestampEcho % optionValues;
  const shift = options % sackBit;
  return changedPacket(packet, {
    sequence,
    windowScale: shift === noScale ? -1 : shift,
    sackPermitted: options >= sackBit,
    maximumSegmentBytes: settings.segmentBytesMax,
  });
}

/** The lower six bits of a cookie's timestamp: the other end's shift, and SACK (net/ipv4/syncookies.c; ECN has the last). */
const noScale = 15;
const sackBit = 16;
const optionValues = 64;

/**
 * The latest time not after `now` that ends in the options: up to 63 ms too early, so that the first round trip is measured too
 * long by that (cookie_init_timestamp). In the first 63 ms of all time there may be none, and one that follows serves.
 */
function stampWith(options: number, now: number): number {
  const stamp = now - (now % optionValues) + options;
  return stamp > now && stamp >= optionValues ? stamp - optionValues : stamp;
}
