import type { ConnectionSnapshot } from './connection-snapshot.ts';
import { addressWords, Field } from './entry-layout.ts';

/**
 * Snapshots by what names their connection: family, zone, protocol and original tuple. Compares words: a text for
 * each of half a million entries takes longer than everything else that is done with them.
 */
export class SnapshotIndex {
  private readonly entries: readonly ConnectionSnapshot[];
  /** By hash: the first entry of a chain, plus 1; 0 for none. The rest of a chain in `#next`. */
  private readonly heads: Int32Array;
  private readonly next: Int32Array;
  private readonly taken: Uint8Array;

  constructor(entries: readonly ConnectionSnapshot[]) {
    this.entries = entries;
    this.heads = new Int32Array(1 << Math.ceil(Math.log2(entries.length + 2)));
    this.next = new Int32Array(entries.length);
    this.taken = new Uint8Array(entries.length);
    entries.forEach((entry, index) => {
      const slot = this.slotOf(entry);
      this.next[index] = this.heads[slot]!;
      this.heads[slot] = index + 1;
    });
  }

  /** Entries that were not taken, in their order. */
  get rest(): ConnectionSnapshot[] {
    return this.entries.filter((_, index) => this.taken[index] === 0);
  }

  /** Takes the entry of the same name out; null when there is none. */
  take(wanted: ConnectionSnapshot): ConnectionSnapshot | null {
    const slot = this.slotOf(wanted);
    let before = -1;
    for (let number = this.heads[slot]!; number !== 0; number = this.next[number - 1]!) {
      const entry = this.entries[number - 1]!;
      if (!namesSame(entry, wanted)) {
        before = number - 1;
        continue;
      }
      const after = this.next[number - 1]!;
      if (before < 0) this.heads[slot] = after;
      else this.next[before] = after;
      this.taken[number - 1] = 1;
      return entry;
    }
    return null;
  }

  private slotOf({ words, base, family }: ConnectionSnapshot): number {
    let hash = Math.imul(nameWord(words, base), 0x9e3779b1) ^ words[base + Field.portsOriginal]!;
    const first = base + Field.addresses;
    for (let word = 0; word < 2 * addressWords(family); word++) {
      hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) ^ words[first + word]!;
    }
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) & (this.heads.length - 1);
  }
}

/** Zone and protocol, whatever the zone's direction. */
function nameWord(words: Int32Array, base: number): number {
  return words[base + Field.zoneProtocol]! & 0x00ff_ffff;
}

function namesSame(a: ConnectionSnapshot, b: ConnectionSnapshot): boolean {
  if (a.family !== b.family || nameWord(a.words, a.base) !== nameWord(b.words, b.base)) return false;
  if (a.words[a.base + Field.portsOriginal] !== b.words[b.base + Field.portsOriginal]) return false;
  for (let word = 0; word < 2 * addressWords(a.family); word++) {
    const at = Field.addresses + word;
    if (a.words[a.base + at] !== b.words[b.base + at]) return false;
  }
  return true;
}
