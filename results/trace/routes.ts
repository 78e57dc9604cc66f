import { compareAddresses, parseAddress, sameAddress } from '../../models/network/address.ts';
import type { Address } from '../../models/network/address.ts';
import type { Addressing } from '../../models/security/addressing.ts';

/** One interface of a firewall: the addresses behind it, and its own. */
export interface InterfaceRoute {
  readonly name: string;
  readonly low: Address;
  readonly high: Address;
  readonly prefixBits: number;
  /** Null for a bridge's port. */
  readonly ownAddress: Address | null;
}

/**
 * Interfaces by longest prefix: tells by which one a packet of a trace came in and goes out, which no trace
 * says of itself.
 */
export class Routes implements Addressing {
  private readonly routes: readonly InterfaceRoute[];

  constructor(routes: readonly InterfaceRoute[]) {
    this.routes = [...routes].sort((a, b) => b.prefixBits - a.prefixBits);
  }

  /** The interface behind which an address is; empty when none is known. */
  interfaceOf(address: Address): string {
    const found = this.routes.find(({ low, high }) => isBetween(address, low, high));
    return found?.name ?? '';
  }

  isLocal(address: Address): boolean {
    return this.routes.some(({ ownAddress }) => ownAddress !== null && sameAddress(ownAddress, address));
  }

  outInterface(destination: Address): string {
    return this.interfaceOf(destination);
  }

  interfaceAddress(interfaceName: string, family: 4 | 6): Address | null {
    const found = this.routes.find(
      ({ name, ownAddress }) => name === interfaceName && ownAddress?.family === family,
    );
    return found?.ownAddress ?? null;
  }
}

/** Reads `NAME=PREFIX` or `NAME=OWN-ADDRESS/BITS`; undefined when it is neither. */
export function readRoute(
  text: string,
  rangeOf: (address: Address, bits: number) => { readonly low: Address; readonly high: Address } | undefined,
): InterfaceRoute | undefined {
  const [, name = '', host = '', bits = ''] = /^([^=]+)=([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text) ?? [];
  const address = parseAddress(host);
  const range = address && rangeOf(address, Number(bits));
  if (address === undefined || range === undefined) return undefined;
  // An address with host bits set is the interface's own, as `ip address` shows it.
  const ownAddress = sameAddress(address, range.low) ? null : address;
  return { name, low: range.low, high: range.high, prefixBits: Number(bits), ownAddress };
}

function isBetween(address: Address, low: Address, high: Address): boolean {
  if (address.family !== low.family) return false;
  return compareAddresses(address, low) >= 0 && compareAddresses(address, high) <= 0;
}
