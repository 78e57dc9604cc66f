import { assert } from '../../sim/assert.ts';
import { sameAddress, type Address } from './address.ts';
import type { Mac } from './frame.ts';

interface Neighbour {
  readonly address: Address;
  readonly mac: Mac;
  /** Another one whose address ends in the same word. */
  readonly next: Neighbour | null;
}

/** Which MAC an address has. A VM keeps both when it moves, so resolution never goes stale. */
export class NeighbourTable {
  /** By the last word of the address, where neighbours of one network differ. */
  private readonly byLastWord = new Map<number, Neighbour>();

  add(address: Address, mac: Mac): void {
    assert(this.macOf(address) === null, 'an address belongs to one interface');
    const next = this.byLastWord.get(address.w3) ?? null;
    this.byLastWord.set(address.w3, { address, mac, next });
  }

  /** Null for an address that nobody has. */
  macOf(address: Address): Mac | null {
    let neighbour = this.byLastWord.get(address.w3) ?? null;
    while (neighbour !== null && !sameAddress(neighbour.address, address)) neighbour = neighbour.next;
    return neighbour === null ? null : neighbour.mac;
  }
}
