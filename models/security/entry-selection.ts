import type { Address } from '../network/address.ts';
import { addressWords, Field } from './entry-layout.ts';
import { zoneIn } from './zone-word.ts';

/** Which entries are meant. Zones, marks and interfaces are what the engine wrote into the entry. */
export type EntrySelection =
  | { readonly kind: 'all' }
  /** An end, as either side of the firewall names it, is one of these addresses. */
  | { readonly kind: 'addresses'; readonly addresses: readonly Address[] }
  | { readonly kind: 'zone'; readonly zone: number }
  /** mark & mask = value. */
  | { readonly kind: 'mark'; readonly mask: number; readonly value: number }
  | { readonly kind: 'interface'; readonly interface: number };

/** A test of rows of a table of this family. */
export function rowTest(
  selection: EntrySelection,
  family: 4 | 6,
): (words: Int32Array, base: number) => boolean {
  switch (selection.kind) {
    case 'all':
      return () => true;
    case 'zone':
      return (words, base) => zoneIn(words[base + Field.zoneProtocol]!) === selection.zone;
    case 'mark':
      return (words, base) => (words[base + Field.mark]! & selection.mask) >>> 0 === selection.value >>> 0;
    case 'interface':
      return (words, base) => {
        const both = words[base + Field.interfaces]!;
        return (both & 0xffff) === selection.interface || both >>> 16 === selection.interface;
      };
    case 'addresses': {
      const wanted = selection.addresses.filter((address) => address.family === family).map(wordsOfAddress);
      return (words, base) => anyAddress(words, base + Field.addresses, addressWords(family), wanted);
    }
  }
}

function wordsOfAddress(address: Address): readonly number[] {
  return address.family === 4 ? [address.w3] : [address.w0, address.w1, address.w2, address.w3];
}

function anyAddress(
  words: Int32Array,
  first: number,
  width: number,
  wanted: readonly (readonly number[])[],
): boolean {
  for (let position = 0; position < 4; position++) {
    const at = first + position * width;
    for (const address of wanted) {
      let same = true;
      for (let word = 0; word < width && same; word++) same = words[at + word] === address[word];
      if (same) return true;
    }
  }
  return false;
}
