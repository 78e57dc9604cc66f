import type { Address } from '../network/address.ts';
import type { Passage } from './nse.ts';

/** What a firewall knows of the host it stands on: addresses and routes. */
export interface Addressing {
  /** Whether packets to this address are for the host itself. */
  isLocal(address: Address): boolean;
  /** The interface by which a packet to this address leaves, empty when there is no route. */
  outInterface(destination: Address, passage: Passage): string;
  /** The address that the host bears on an interface; null when it has none of this family. */
  interfaceAddress(interfaceName: string, family: 4 | 6): Address | null;
}

/** A bridge: no address of its own, and packets leave where the switch says. */
export const bridgeAddressing: Addressing = {
  isLocal: () => false,
  outInterface: (_destination, passage) => passage.outInterface,
  interfaceAddress: () => null,
};
