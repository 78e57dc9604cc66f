import type { Address } from '../network/address.ts';
import { changedPacket, Protocol, type Packet } from '../network/packet.ts';
import { readAddress } from './connection-snapshot.ts';
import { addressWords, Field, Status } from './entry-layout.ts';
import type { NatSide } from './nat-binding.ts';
import { protocolIn } from './zone-word.ts';

/** An entry as the packet path sees it: a row at `base` of `words`, and the packet's direction. */
export interface TranslatedFlow {
  readonly words: Int32Array;
  readonly base: number;
  readonly direction: number;
}

/**
 * The packet with one end rewritten as its connection's translation wants it, or the same packet where nothing
 * is to be done. Source: Linux 6.18, nf_nat_core.c, `nf_nat_packet`.
 */
export function translate(packet: Packet, flow: TranslatedFlow, side: NatSide): Packet {
  if (!concerns(flow, side)) return packet;
  // What arrives on the other side is the inverse of the tuple that answers would bear.
  const { family } = packet.source;
  const ends = tupleEnds(flow, 1 - flow.direction, family);
  return side === 'source'
    ? withSource(packet, ends.destination, ends.destinationPort)
    : withDestination(packet, ends.source, ends.sourcePort);
}

/**
 * An ICMP error with its quoted packet translated back and its own outer address with it; null when its checksum is
 * wrong, even where connection tracking looks at none, or its quotation too short to be rewritten. Source: Linux 6.18, net/netfilter/nf_nat_proto.c,
 * `nf_nat_icmp_reply_translation`, `nf_nat_icmpv6_reply_translation`.
 */
export function translateError(error: Packet, flow: TranslatedFlow, side: NatSide): Packet | null {
  if (!error.checksumValid) return null;
  if (isRedirect(error) && (flow.words[flow.base + Field.status]! & natBits) !== 0) return null;
  if (!concerns(flow, side)) return error;
  const { quoted } = error;
  if (quoted === null || error.quotedBytes < headerBytes(error) + 8) return null;
  const { family } = error.source;
  const answering = tupleEnds(flow, 1 - flow.direction, family);
  const inner =
    side === 'destination'
      ? withSource(quoted, answering.source, answering.sourcePort)
      : withDestination(quoted, answering.destination, answering.destinationPort);
  return side === 'source'
    ? changedPacket(error, { source: answering.destination, quoted: inner })
    : changedPacket(error, { destination: answering.source, quoted: inner });
}

const natBits = Status.sourceNat | Status.destinationNat;

/** Whether the connection is translated at this side, as seen from the packet's direction. */
function concerns({ words, base, direction }: TranslatedFlow, side: NatSide): boolean {
  const own = (side === 'source') === (direction === 0);
  return (words[base + Field.status]! & (own ? Status.sourceNat : Status.destinationNat)) !== 0;
}

interface TupleEnds {
  readonly source: Address;
  readonly destination: Address;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** Both ends of a tuple; an ICMP query's id stands for either port. */
function tupleEnds({ words, base }: TranslatedFlow, direction: number, family: 4 | 6): TupleEnds {
  const width = addressWords(family);
  const at = base + Field.addresses + 2 * width * direction;
  const ports = words[base + Field.portsOriginal + direction]!;
  const protocol = protocolIn(words[base + Field.zoneProtocol]!);
  const icmp = protocol === Protocol.icmp || protocol === Protocol.icmpv6;
  return {
    source: readAddress(words, at, family),
    destination: readAddress(words, at + width, family),
    sourcePort: ports >>> 16,
    destinationPort: icmp ? ports >>> 16 : ports & 0xffff,
  };
}

function withSource(packet: Packet, source: Address, port: number): Packet {
  if (hasPorts(packet)) return changedPacket(packet, { source, sourcePort: port });
  return isQuery(packet)
    ? changedPacket(packet, { source, icmpId: port })
    : changedPacket(packet, { source });
}

function withDestination(packet: Packet, destination: Address, port: number): Packet {
  if (hasPorts(packet)) return changedPacket(packet, { destination, destinationPort: port });
  return isQuery(packet)
    ? changedPacket(packet, { destination, icmpId: port })
    : changedPacket(packet, { destination });
}

function hasPorts(packet: Packet): boolean {
  return packet.protocol === Protocol.tcp || packet.protocol === Protocol.udp;
}

function isQuery(packet: Packet): boolean {
  return packet.protocol === Protocol.icmp || packet.protocol === Protocol.icmpv6;
}

function isRedirect(error: Packet): boolean {
  return error.protocol === Protocol.icmp ? error.icmpType === 5 : error.icmpType === 137;
}

function headerBytes(packet: Packet): number {
  return packet.source.family === 4 ? 20 : 40;
}
