import type { Address } from '../network/address.ts';
import { sameAddress } from '../network/address.ts';
import { Protocol } from '../network/packet.ts';
import type { ConnectionSnapshot } from './connection-snapshot.ts';
import { addressWords, Field, Status } from './entry-layout.ts';
import { inversePorts } from './flow-key.ts';
import type { LoadPlan } from './load-mode.ts';
import { selfRange, type NatRange } from './nat-binding.ts';

/** What a message says of an entry's translation. */
export interface TranslationRequest {
  readonly destination: NatRange;
  readonly source: NatRange;
}

/**
 * The translation that a way of copying asks for; null where it says nothing of it. Rewrites the reply tuple of
 * `row`, the entry to be, to what the message holds: the kernel sees a translation only where the reply tuple
 * still is the inverse of the original one.
 */
export function requestTranslation(
  row: Int32Array,
  entry: ConnectionSnapshot,
  plan: LoadPlan,
): TranslationRequest | null {
  switch (plan.nat) {
    case 'none':
    case 'kept':
      return null;
    case 'attributes':
      return attributes(entry);
    case 'set-up': {
      const request = attributes(entry);
      if (request !== null) {
        copyAddress(row, entry.family, Position.replySource, Position.originalDestination);
        copyAddress(row, entry.family, Position.replyDestination, Position.originalSource);
        row[Field.portsReply] = inversePorts(entry.protocol, row[Field.portsOriginal]!);
      }
      return request;
    }
    case 'command-line':
      return commandLine(row, entry);
  }
}

/** CTA_NAT_SRC and CTA_NAT_DST as conntrackd works them out, from the differences between the tuples. */
function attributes(entry: ConnectionSnapshot): TranslationRequest | null {
  const { original, reply } = entry;
  const icmp = entry.protocol === Protocol.icmp || entry.protocol === Protocol.icmpv6;
  const outside = icmp ? reply.icmpId : reply.destinationPort;
  const inside = icmp ? original.icmpId : original.sourcePort;
  const source = !sameAddress(original.source, reply.destination) || inside !== outside;
  const destination =
    !sameAddress(original.destination, reply.source) ||
    (!icmp && original.destinationPort !== reply.sourcePort);
  if (!source && !destination) return null;
  return {
    source: source ? rangeOf(reply.destination, outside) : selfRange,
    destination: destination ? rangeOf(reply.source, icmp ? null : reply.sourcePort) : selfRange,
  };
}

/**
 * `conntrack -o save` writes the outside addresses as options -n and -g, and the reply's ports as they are; of
 * ICMP it writes no reply id. An end that is translated has no -r or -q: with both translated the tool finds no
 * reply at all, and makes it, ports too, of the original (measured: results/reference/fuzz-conntrack.json.gz).
 */
function commandLine(row: Int32Array, entry: ConnectionSnapshot): TranslationRequest | null {
  const { original, reply, status } = entry;
  if (entry.protocol === Protocol.icmp || entry.protocol === Protocol.icmpv6)
    row[Field.portsReply] = inversePorts(entry.protocol, row[Field.portsOriginal]!);
  const source = (status & Status.sourceNatDone) !== 0 && !sameAddress(original.source, reply.destination);
  const destination =
    (status & Status.destinationNatDone) !== 0 && !sameAddress(original.destination, reply.source);
  if (!source && !destination) return null;
  if (source && destination) row[Field.portsReply] = inversePorts(entry.protocol, row[Field.portsOriginal]!);
  if (source) copyAddress(row, entry.family, Position.replyDestination, Position.originalSource);
  if (destination) copyAddress(row, entry.family, Position.replySource, Position.originalDestination);
  return {
    source: source ? rangeOf(reply.destination, null) : selfRange,
    destination: destination ? rangeOf(reply.source, null) : selfRange,
  };
}

function rangeOf(address: Address, port: number | null): NatRange {
  const ports = port === null ? null : { low: port, high: port };
  return { ...selfRange, addresses: { low: address, high: address }, ports };
}

/** Addresses of a row, in their order. */
const Position = { originalSource: 0, originalDestination: 1, replySource: 2, replyDestination: 3 } as const;

function copyAddress(row: Int32Array, family: 4 | 6, to: number, from: number): void {
  const width = addressWords(family);
  const at = Field.addresses + from * width;
  row.copyWithin(Field.addresses + to * width, at, at + width);
}
