import { ipv4, type Address } from './address.ts';

/** IANA protocol numbers that the models name. */
export const Protocol = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;

/** TCP flag bits as they stand in the header (RFC 9293, 3.1). */
export const TcpFlag = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32 } as const;

/**
 * What the sender meant. `legitimate` belongs to a workload's own connection; anything else is an attack
 * of that kind. No connection tracking code reads it: it is ground truth for the measures.
 */
export type Intent = 'legitimate' | AttackKind;

export type AttackKind =
  | 'syn-closed-port'
  | 'ack-closed-port'
  | 'udp-closed-port'
  | 'syn-ack-unsolicited'
  | 'rst-without-flow'
  | 'ack-open-port'
  | 'data-open-port'
  | 'rst-live-flow'
  | 'rst-live-flow-of-vm'
  | 'data-live-flow'
  | 'data-idle-flow'
  | 'closed-flow-tuple'
  | 'udp-live-flow'
  | 'syn-flood'
  | 'port-scan'
  | 'spoofed-source'
  /** An ESP packet that was recorded on its way. */
  | 'esp-replay';

/** Where a data channel of FTP will be opened to: what a PORT command or the answer to PASV says. */
export interface DataChannel {
  readonly address: Address;
  readonly port: number;
}

const noAddress = ipv4(0);

/**
 * One packet as a virtual switch sees it: headers of IP and transport, and sizes instead of contents.
 * Under segmentation offload a TCP packet carries up to 64 KiB of payload.
 *
 * Every field is always present; what a protocol does not have is 0, -1 or null as stated. A class, since V8 gives a
 * hidden class to each literal's order of keys and to each place that spreads, and code that meets more than four of
 * them looks every field up by name; and since it makes the objects of a literal among the old ones for ever once a
 * hundred of them outlived a collection, as the packets under way when a run begins do.
 */
export class Packet {
  readonly source: Address = noAddress;
  readonly destination: Address = noAddress;
  /** IANA number, see {@link Protocol}. */
  readonly protocol: number = Protocol.tcp;
  /** TCP, UDP: port. ICMP: 0. */
  readonly sourcePort: number = 0;
  readonly destinationPort: number = 0;
  /** TCP flag bits, see {@link TcpFlag}. */
  readonly tcpFlags: number = 0;
  /** TCP sequence number, modulo 2^32, unsigned. */
  readonly sequence: number = 0;
  readonly acknowledgement: number = 0;
  /** TCP window as it stands in the header, unscaled. */
  readonly window: number = 0;
  /** TCP window scale option, -1 when absent. */
  readonly windowScale: number = -1;
  /** TCP maximum segment size option in bytes, -1 when absent. */
  readonly maximumSegmentBytes: number = -1;
  readonly sackPermitted: boolean = false;
  /** SACK blocks as left, right, left, right … edges; null when absent. */
  readonly sackBlocks: readonly number[] | null = null;
  /**
   * TCP timestamp option (RFC 7323, 3): when the packet was sent, in ms of its sender's clock, and the one that it
   * echoes; -1 when absent.
   */
  readonly timestamp: number = -1;
  readonly timestampEcho: number = -1;
  /** ICMP and ICMPv6 type, -1 otherwise. */
  readonly icmpType: number = -1;
  readonly icmpCode: number = 0;
  /** ICMP echo identifier, 0 otherwise. */
  readonly icmpId: number = 0;
  readonly icmpSequence: number = 0;
  /** The packet that an ICMP error quotes. */
  readonly quoted: Packet | null = null;
  /** How many bytes of the quoted packet the error carries, IP header included. */
  readonly quotedBytes: number = 0;
  /** Transport payload in bytes. */
  readonly payloadBytes: number = 0;
  /** False when the transport checksum is wrong. */
  readonly checksumValid: boolean = true;
  /** IP fragment: offset in bytes, -1 for a whole datagram. */
  readonly fragmentOffsetBytes: number = -1;
  readonly moreFragments: boolean = false;
  /** IP identification, joins fragments of one datagram. */
  readonly fragmentId: number = 0;
  /**
   * Sequence number of the ESP packet (RFC 4303, 2.2) that carries this one, -1 without. Its bytes are not counted.
   * At the sender -1 - n stands for a recording of the packet that was sent n before the last one.
   */
  readonly espSequence: number = -1;
  /** The data channel that a line of an FTP control connection announces; null for every other packet. */
  readonly announces: DataChannel | null = null;
  /** False for a piece of an FTP control connection with which no line ends. */
  readonly endsLine: boolean = true;
  readonly intent: Intent = 'legitimate';
  /** Index of the connection or attack that sent it, -1 when it belongs to none; ground truth for measures. */
  readonly flow: number = -1;
}

/** A packet with the given fields; the others are absent (0, -1, null, legitimate). */
export function makePacket(fields: Partial<Packet>): Packet {
  return Object.assign(new Packet(), fields);
}

/** The same packet with other fields. */
export function changedPacket(packet: Packet, fields: Partial<Packet>): Packet {
  return Object.assign(new Packet(), packet, fields);
}

/** The payload of a TCP packet from one offset to another, as a packet. */
export function partOf(packet: Packet, fromBytes: number, toBytes: number): Packet {
  if (fromBytes === 0 && toBytes === packet.payloadBytes) return packet;
  const sequence = (packet.sequence + fromBytes) >>> 0;
  return changedPacket(packet, { sequence, payloadBytes: toBytes - fromBytes });
}

/** Bytes of the packet on a wire from the IP header on: IP, transport header with options, payload. */
export function packetBytes(packet: Packet): number {
  const ip = packet.source.family === 4 ? 20 : 40;
  return ip + transportHeaderBytes(packet) + packet.payloadBytes + packet.quotedBytes;
}

/** The TCP timestamp option with its padding (RFC 7323, appendix A). */
export const timestampBytes = 12;

function transportHeaderBytes(packet: Packet): number {
  if (packet.protocol !== Protocol.tcp) return 8;
  const options =
    (packet.windowScale >= 0 ? 4 : 0) +
    (packet.maximumSegmentBytes >= 0 ? 4 : 0) +
    // Beside timestamps it takes the place of their padding (net/ipv4/tcp_output.c, tcp_options_write).
    (packet.sackPermitted && packet.timestamp < 0 ? 4 : 0) +
    (packet.timestamp >= 0 ? timestampBytes : 0) +
    (packet.sackBlocks === null ? 0 : 4 + packet.sackBlocks.length * 4);
  return 20 + options;
}
