import { parseAddress, type Address } from '../../models/network/address.ts';
import {
  changedPacket,
  makePacket,
  Protocol,
  TcpFlag,
  type DataChannel,
  type Packet,
} from '../../models/network/packet.ts';
import { ScenarioError } from '../../sim/assert.ts';
import type { GoldenStep } from './golden-sequence.ts';

/** The tuple that a step's packet really bears: replies go to where the packet before came from. */
export interface PacketTuple {
  readonly source: Address;
  readonly destination: Address;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly icmpId: number;
}

/** The packet of a step, whole; `quoted` is what an ICMP error quotes. */
export function goldenPacket(step: GoldenStep, tuple: PacketTuple, quoted: Packet | null): Packet {
  const { family } = tuple.source;
  const protocol = protocolNumber(step.proto);
  const quotedBytes = quoted === null ? 0 : (step.inner_bytes ?? (family === 4 ? 28 : 48));
  const inner =
    quoted === null || step.inner_sport === undefined
      ? quoted
      : changedPacket(quoted, { sourcePort: step.inner_sport });
  const icmp = protocol === Protocol.icmp || protocol === Protocol.icmpv6;
  return makePacket({
    source: tuple.source,
    destination: tuple.destination,
    protocol,
    sourcePort: tuple.sourcePort,
    destinationPort: tuple.destinationPort,
    tcpFlags: flagBits(step.flags ?? ''),
    sequence: (step.seq ?? 0) >>> 0,
    acknowledgement: (step.ack ?? 0) >>> 0,
    window: step.win ?? 0,
    windowScale: step.wscale ?? -1,
    maximumSegmentBytes: step.mss ?? -1,
    sackPermitted: step.sack_perm === true,
    sackBlocks: step.sack === undefined ? null : step.sack.flat(),
    icmpType: icmp ? (step.type ?? 0) : -1,
    icmpCode: step.code ?? 0,
    icmpId: icmp ? tuple.icmpId : 0,
    icmpSequence: icmp ? (step.seq ?? 0) : 0,
    quoted: inner,
    quotedBytes,
    payloadBytes: Math.max((step.len ?? 0) - headerAmongPayload(step.proto), 0),
    checksumValid: step.checksum !== 'bad',
    announces: announcedIn(step.text ?? '', tuple.source),
  });
}

/** Packets of the models have eight bytes of header whatever they carry, those of the recorder are all payload then. */
function headerAmongPayload(proto: GoldenStep['proto']): number {
  return typeof proto === 'number' ? 8 : 0;
}

/**
 * The data channel that a line of FTP announces (RFC 959, 4.1.2: PORT, and the answer 227 to PASV; RFC 2428: EPRT, and
 * the answer 229 to EPSV, which means the speaker's own address).
 */
function announcedIn(text: string, speaker: Address): DataChannel | null {
  const [, said, extended] = /^(?:EPRT \|[12]\|([^|]+)\||229 [^(]*\(\|\|\|)(\d+)\|/.exec(text) ?? [];
  if (extended !== undefined)
    return { address: said === undefined ? speaker : goldenAddress(said), port: Number(extended) };
  const [, a, b, c, d, high, low] =
    /^(?:PORT |227 [^(]*\()(\d+),(\d+),(\d+),(\d+),(\d+),(\d+)\)?/.exec(text) ?? [];
  if (low === undefined) return null;
  return { address: goldenAddress(`${a}.${b}.${c}.${d}`), port: 256 * Number(high) + Number(low) };
}

function protocolNumber(proto: GoldenStep['proto']): number {
  if (typeof proto === 'number') return proto;
  return proto === undefined ? 0 : Protocol[proto];
}

export function goldenAddress(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined)
    throw new ScenarioError([
      { place: 'packets', message: `"${text}" is not an address`, allowed: 'IPv4 or IPv6' },
    ]);
  return address;
}

const flagLetters: Readonly<Record<string, number>> = {
  F: TcpFlag.fin,
  S: TcpFlag.syn,
  R: TcpFlag.rst,
  P: TcpFlag.psh,
  A: TcpFlag.ack,
  U: TcpFlag.urg,
};

function flagBits(letters: string): number {
  let bits = 0;
  for (const letter of letters) bits |= flagLetters[letter] ?? 0;
  return bits;
}
