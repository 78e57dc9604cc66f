import { Protocol, changedPacket, makePacket, packetBytes } from '../../models/network/packet.ts';
import type { Packet } from '../../models/network/packet.ts';
import type { CaptureFault } from './capture.ts';
import { transportChecksumValid } from './checksum.ts';
import type { DecodeOptions } from './decode-packet.ts';
import { readIpHeader, type IpHeader } from './ip-header.ts';

/** Reads the transport header of a packet whose IP header gave `base`. */
export function decodeTransport(
  data: DataView,
  header: IpHeader,
  base: Partial<Packet>,
  options: DecodeOptions,
): Packet | CaptureFault {
  const { transportAt, transportBytes, protocol } = header;
  const least = headerBytesOf[protocol] ?? 0;
  if (transportBytes < least) return 'header-broken';
  if (data.byteLength < transportAt + least) return 'headers-not-captured';
  const fields = readHeader(data, header);
  if (typeof fields === 'string') return fields;
  const checksumValid = options.checksums === 'trust' || transportChecksumValid(data, header);
  const packet = makePacket({ ...base, ...fields, checksumValid });
  if (packet.fragmentOffsetBytes < 0) return packet;
  // Fragments are joined by their lengths, which options that are not modelled must not shorten.
  const headers =
    packetBytes(changedPacket(packet, { payloadBytes: 0 })) - (packet.source.family === 4 ? 20 : 40);
  return changedPacket(packet, { payloadBytes: Math.max(transportBytes - headers, 0) });
}

const headerBytesOf: Readonly<Record<number, number>> = {
  [Protocol.tcp]: 20,
  [Protocol.udp]: 8,
  [Protocol.icmp]: 8,
  [Protocol.icmpv6]: 8,
};

/** Protocols of which at least the ports are known: DCCP, SCTP, UDP-Lite. */
const portProtocols: ReadonlySet<number> = new Set([33, 132, 136]);

function readHeader(data: DataView, header: IpHeader): Partial<Packet> | CaptureFault {
  const { transportAt: at, transportBytes, protocol } = header;
  switch (protocol) {
    case Protocol.tcp:
      return readTcp(data, at, transportBytes);
    case Protocol.udp:
      return {
        sourcePort: data.getUint16(at),
        destinationPort: data.getUint16(at + 2),
        payloadBytes: transportBytes - 8,
      };
    case Protocol.icmp:
    case Protocol.icmpv6:
      return readIcmp(data, header);
    default: {
      // A packet of another protocol counts 8 bytes of header, whatever they are.
      const payloadBytes = Math.max(transportBytes - 8, 0);
      if (!portProtocols.has(protocol) || data.byteLength < at + 4) return { payloadBytes };
      return { sourcePort: data.getUint16(at), destinationPort: data.getUint16(at + 2), payloadBytes };
    }
  }
}

function readTcp(data: DataView, at: number, transportBytes: number): Partial<Packet> | CaptureFault {
  const headerBytes = (data.getUint8(at + 12) >>> 4) * 4;
  if (headerBytes < 20 || headerBytes > transportBytes) return 'header-broken';
  const captured = Math.min(at + headerBytes, data.byteLength);
  return {
    sourcePort: data.getUint16(at),
    destinationPort: data.getUint16(at + 2),
    sequence: data.getUint32(at + 4),
    acknowledgement: data.getUint32(at + 8),
    tcpFlags: data.getUint8(at + 13) & 0x3f,
    window: data.getUint16(at + 14),
    payloadBytes: transportBytes - headerBytes,
    ...readTcpOptions(data, at + 20, captured),
  };
}

const TcpOption = {
  end: 0,
  nothing: 1,
  segmentSize: 2,
  windowScale: 3,
  sackPermitted: 4,
  sack: 5,
  timestamps: 8,
} as const;

/** Options up to the first broken one: what follows cannot be told apart (RFC 9293, 3.1). */
function readTcpOptions(data: DataView, start: number, end: number): Partial<Packet> {
  let options: Partial<Packet> = {};
  for (let at = start; at < end;) {
    const kind = data.getUint8(at);
    if (kind === TcpOption.end) break;
    if (kind === TcpOption.nothing) {
      at++;
      continue;
    }
    const length = at + 1 < end ? data.getUint8(at + 1) : 0;
    if (length < 2 || at + length > end) break;
    options = { ...options, ...readTcpOption(data, at, kind, length) };
    at += length;
  }
  return options;
}

function readTcpOption(data: DataView, at: number, kind: number, length: number): Partial<Packet> {
  if (kind === TcpOption.segmentSize && length === 4) return { maximumSegmentBytes: data.getUint16(at + 2) };
  if (kind === TcpOption.windowScale && length === 3) return { windowScale: data.getUint8(at + 2) };
  if (kind === TcpOption.sackPermitted && length === 2) return { sackPermitted: true };
  if (kind === TcpOption.timestamps && length === 10)
    return { timestamp: data.getUint32(at + 2), timestampEcho: data.getUint32(at + 6) };
  if (kind !== TcpOption.sack || length < 10 || (length - 2) % 8 !== 0) return {};
  const sackBlocks: number[] = [];
  for (let edge = at + 2; edge < at + length; edge += 4) sackBlocks.push(data.getUint32(edge));
  return { sackBlocks };
}

/** Types of ICMP errors, which quote a packet: unreachable, quench, redirect, time exceeded, parameter problem. */
const icmpErrors: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);

function readIcmp(data: DataView, { transportAt: at, transportBytes, protocol }: IpHeader): Partial<Packet> {
  const icmpType = data.getUint8(at);
  const fields = { icmpType, icmpCode: data.getUint8(at + 1) };
  const isError = protocol === Protocol.icmp ? icmpErrors.has(icmpType) : icmpType < 128;
  if (!isError) {
    return {
      ...fields,
      icmpId: data.getUint16(at + 4),
      icmpSequence: data.getUint16(at + 6),
      payloadBytes: transportBytes - 8,
    };
  }
  const quotedBytes = transportBytes - 8;
  const inner = new DataView(
    data.buffer,
    data.byteOffset + at + 8,
    Math.max(Math.min(data.byteLength - at - 8, quotedBytes), 0),
  );
  const quoted = readQuoted(inner);
  return quoted === null ? { ...fields, payloadBytes: quotedBytes } : { ...fields, quoted, quotedBytes };
}

/** The packet that an error quotes, as far as it does: 8 bytes of its transport header are enough. */
function readQuoted(data: DataView): Packet | null {
  const header = readIpHeader(data, Infinity);
  if (typeof header === 'string') return null;
  const { source, destination, protocol, transportAt: at, transportBytes } = header;
  const word = (offset: number): number =>
    data.byteLength >= at + offset + 2 ? data.getUint16(at + offset) : 0;
  const base = { source, destination, protocol };
  if (protocol === Protocol.icmp || protocol === Protocol.icmpv6) {
    const first = word(0);
    return makePacket({
      ...base,
      icmpType: first >>> 8,
      icmpCode: first & 255,
      icmpId: word(4),
      icmpSequence: word(6),
    });
  }
  const ports = { sourcePort: word(0), destinationPort: word(2) };
  const sequence = ((word(4) << 16) | word(6)) >>> 0;
  // A quoted header may have left its length open.
  const carried = Number.isFinite(transportBytes) ? transportBytes : 0;
  const payloadBytes = Math.max(carried - (protocol === Protocol.tcp ? 20 : 8), 0);
  return makePacket({ ...base, ...ports, payloadBytes, ...(protocol === Protocol.tcp ? { sequence } : {}) });
}
