import { sameAddress } from '../network/address.ts';
import type { Packet } from '../network/packet.ts';

type Ends = Pick<Packet, 'protocol' | 'source' | 'sourcePort' | 'destination' | 'destinationPort'>;

/** Flows by protocol, addresses and ports; the packets of both directions are of one flow. */
export class FlowSet {
  readonly #flows = new Map<number, Ends[]>();

  /** Adds the packet's flow; false when it is there already. */
  add({ protocol, source, sourcePort, destination, destinationPort }: Packet): boolean {
    const ends = { protocol, source, sourcePort, destination, destinationPort };
    const key = keyOf(ends);
    const known = this.#flows.get(key);
    if (known === undefined) this.#flows.set(key, [ends]);
    else if (known.some((flow) => isSame(flow, ends) || isReverse(flow, ends))) return false;
    else known.push(ends);
    return true;
  }
}

/** The same for both directions. */
function keyOf({ source, sourcePort, destination, destinationPort }: Ends): number {
  return (sourcePort + destinationPort) * 2 ** 32 + ((source.w3 ^ destination.w3) >>> 0);
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
