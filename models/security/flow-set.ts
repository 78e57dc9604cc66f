import { sameAddress } from '../network/address.ts';
import type { Packet } from '../network/packet.ts';

type Ends = Pick<Packet, 'protocol' | 'source' | 'sourcePort' | 'destination' | 'destinationPort'>;

/** Flows by protocol, addresses and ports; the packets of both directions are of one flow. */
export class FlowSet {
  private readonly flows = new Map<number, Ends[]>();

  /** Adds the packet's flow; false when it is there already. */
  add(packet: Packet): boolean {
    const key = keyOf(packet);
    const known = this.flows.get(key);
    if (known === undefined) {
      this.flows.set(key, [endsOf(packet)]);
      return true;
    }
    for (const flow of known) if (isSame(flow, packet) || isReverse(flow, packet)) return false;
    known.push(endsOf(packet));
    return true;
  }
}

function endsOf({ protocol, source, sourcePort, destination, destinationPort }: Packet): Ends {
  return { protocol, source, sourcePort, destination, destinationPort };
}

/** The same for both directions: a word, since a larger number would be an object of its own. */
function keyOf({ source, sourcePort, destination, destinationPort }: Ends): number {
  return Math.imul(sourcePort + destinationPort, 0x9e3779b1) ^ source.w3 ^ destination.w3;
}

function isSame(a: Ends, b: Ends): boolean {
  if (a.protocol !== b.protocol) return false;
  if (a.sourcePort !== b.sourcePort || a.destinationPort !== b.destinationPort) return false;
  return sameAddress(a.source, b.source) && sameAddress(a.destination, b.destination);
}

function isReverse(a: Ends, b: Ends): boolean {
  if (a.protocol !== b.protocol) return false;
  if (a.sourcePort !== b.destinationPort || a.destinationPort !== b.sourcePort) return false;
  return sameAddress(a.source, b.destination) && sameAddress(a.destination, b.source);
}
