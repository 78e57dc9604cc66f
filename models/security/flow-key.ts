import type { Address } from '../network/address.ts';
import { Protocol, type Packet } from '../network/packet.ts';
import { addressWords, Field } from './entry-layout.ts';
import type { Tuple } from './connection-snapshot.ts';
import { protocolIn, wordOfDirection, zoneWord } from './zone-word.ts';

/**
 * A tuple in the form in which it is looked up: both addresses, both ports (or ICMP id, type and code),
 * protocol and zone. One object is filled again and again.
 */
export class FlowKey {
  readonly source = new Int32Array(4);
  readonly destination = new Int32Array(4);
  ports = 0;
  /** See zone-word.ts. */
  zoneProtocol = 0;
  hash = 0;

  /** The tuple of a packet as it travels; `zone` is a {@link zoneWord} without a protocol. */
  setPacket(packet: Packet, zone: number, seed: number): void {
    this.setAddresses(packet.source, packet.destination);
    this.ports = portsOf(packet);
    this.zoneProtocol = zone | (packet.protocol << 16);
    this.hash = this.computeHash(packet.source.family, seed, 0);
  }

  /** The tuple of an entry's original direction. */
  setTuple(tuple: Tuple, zone: number, seed: number): void {
    this.setAddresses(tuple.source, tuple.destination);
    this.ports = icmpProtocol(tuple.protocol)
      ? (tuple.icmpId << 16) | (tuple.icmpType << 8) | tuple.icmpCode
      : (tuple.sourcePort << 16) | tuple.destinationPort;
    this.zoneProtocol = zoneWord(zone, tuple.protocol, 'both');
    this.hash = this.computeHash(tuple.source.family, seed, 0);
  }

  /** Takes over all parts of another key. */
  copy(other: FlowKey): void {
    for (let word = 0; word < 4; word++) {
      this.source[word] = other.source[word]!;
      this.destination[word] = other.destination[word]!;
    }
    this.ports = other.ports;
    this.zoneProtocol = other.zoneProtocol;
    this.hash = other.hash;
  }

  /** Recomputes the hash, as a tuple of a direction, after the parts were written one by one. */
  rehash(family: 4 | 6, seed: number, direction: number): void {
    this.hash = this.computeHash(family, seed, direction);
  }

  private setAddresses(source: Address, destination: Address): void {
    if (source.family === 4) {
      this.source[0] = source.w3;
      this.destination[0] = destination.w3;
      return;
    }
    this.source[0] = source.w0;
    this.source[1] = source.w1;
    this.source[2] = source.w2;
    this.source[3] = source.w3;
    this.destination[0] = destination.w0;
    this.destination[1] = destination.w1;
    this.destination[2] = destination.w2;
    this.destination[3] = destination.w3;
  }

  private computeHash(family: 4 | 6, seed: number, direction: number): number {
    const zone = wordOfDirection(this.zoneProtocol, direction);
    return hashTuple(this.source, this.destination, this.ports, zone, family, seed);
  }

  /** The hash of the inverse of this tuple, as a tuple of `direction`. */
  hashOfInverse(family: 4 | 6, seed: number, direction: number): number {
    const zone = wordOfDirection(this.zoneProtocol, direction);
    const ports = inversePorts(protocolIn(zone), this.ports);
    return hashTuple(this.destination, this.source, ports, zone, family, seed);
  }
}

/** Ports of a TCP or UDP packet, or id, type and code of an ICMP one, in one word; 0 for other protocols. */
export function portsOf(packet: Packet): number {
  switch (packet.protocol) {
    case Protocol.tcp:
    case Protocol.udp:
      return (packet.sourcePort << 16) | packet.destinationPort;
    case Protocol.icmp:
    case Protocol.icmpv6:
      return (packet.icmpId << 16) | (packet.icmpType << 8) | packet.icmpCode;
    default:
      return 0;
  }
}

function icmpProtocol(protocol: number): boolean {
  return protocol === Protocol.icmp || protocol === Protocol.icmpv6;
}

/** Ports of the opposite tuple; for ICMP the answering type, or -1 where a type has none. */
export function inversePorts(protocol: number, ports: number): number {
  if (icmpProtocol(protocol)) {
    const type = inverseType(protocol, (ports >>> 8) & 255);
    return type < 0 ? -1 : (ports & 0xffff00ff) | (type << 8);
  }
  return (ports << 16) | (ports >>> 16);
}

/** Whether {@link inversePorts} has an answer. */
export function invertible(protocol: number, ports: number): boolean {
  if (!icmpProtocol(protocol)) return true;
  return inverseType(protocol, (ports >>> 8) & 255) >= 0;
}

/** Pairs of request and reply: RFC 792, RFC 950; RFC 4443 and RFC 4620 for ICMPv6. */
function inverseType(protocol: number, type: number): number {
  if (protocol === Protocol.icmp) {
    if (type === 8 || type === 0) return 8 - type;
    if (type >= 13 && type <= 18) return type % 2 === 1 ? type + 1 : type - 1;
    return -1;
  }
  if (type === 128 || type === 129) return 257 - type;
  return type === 139 || type === 140 ? 279 - type : -1;
}

/** Reads a tuple of an entry into a key, hash included. */
export function readKey(
  key: FlowKey,
  words: Int32Array,
  base: number,
  direction: number,
  family: 4 | 6,
): void {
  const width = addressWords(family);
  const source = base + Field.addresses + 2 * width * direction;
  for (let word = 0; word < width; word++) {
    key.source[word] = words[source + word]!;
    key.destination[word] = words[source + width + word]!;
  }
  key.ports = words[base + Field.portsOriginal + direction]!;
  key.zoneProtocol = words[base + Field.zoneProtocol]!;
  key.hash = words[base + direction]!;
}

/** Turns a key into its inverse, hashed as a tuple of `direction`. */
export function invertKey(key: FlowKey, family: 4 | 6, seed: number, direction: number): void {
  for (let word = 0; word < addressWords(family); word++) {
    const swapped = key.source[word]!;
    key.source[word] = key.destination[word]!;
    key.destination[word] = swapped;
  }
  key.ports = inversePorts(protocolIn(key.zoneProtocol), key.ports);
  key.rehash(family, seed, direction);
}

function hashTuple(
  source: Int32Array,
  destination: Int32Array,
  ports: number,
  zone: number,
  family: 4 | 6,
  seed: number,
): number {
  let hash = mix(seed, ports);
  hash = mix(hash, zone);
  hash = mix(hash, source[0]!);
  hash = mix(hash, destination[0]!);
  if (family === 6) {
    for (let word = 1; word < 4; word++) {
      hash = mix(hash, source[word]!);
      hash = mix(hash, destination[word]!);
    }
  }
  return finish(hash);
}

/** One round and the closing of MurmurHash3 (Appleby, public domain), 32 bits. */
function mix(hash: number, word: number): number {
  const scrambled = Math.imul(word, 0xcc9e2d51);
  const mixed = hash ^ Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  let value = hash ^ (hash >>> 16);
  value = Math.imul(value, 0x85ebca6b);
  value ^= value >>> 13;
  value = Math.imul(value, 0xc2b2ae35);
  return value ^ (value >>> 16);
}
