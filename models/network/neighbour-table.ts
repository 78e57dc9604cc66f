import { assert } from '../../sim/assert.ts';
import { sameAddress, type Address } from './address.ts';
import type { Mac } from './frame.ts';

interface Neighbour {
  readonly address: Address;
  readonly mac: Mac;
}

/** Which MAC an address has. A VM keeps both when it moves, so resolution never goes stale. */
export class NeighbourTable {
  /** By the last word of the address, where neighbours of one network differ. */
  readonly #byLastWord = new Map<number, Neighbour[]>();

  add(address: Address, mac: Mac): void {
    assert(this.macOf(address) === null, 'an address belongs to one interface');
    const others = this.#byLastWord.get(address.w3);
    if (others === undefined) this.#byLastWord.set(address.w3, [{ address, mac }]);
    else others.push({ address, mac });
  }

  /** Null for an address that nobody has. */
  macOf(address: Address): Mac | null {
    const candidates = this.#byLastWord.get(address.w3);
    if (candidates === undefined) return null;
    for (const candidate of candidates) if (sameAddress(candidate.address, address)) return candidate.mac;
    return null;
  }
}
