import { ConnectionSnapshot } from './connection-snapshot.ts';
import { isConnection, type ContextItem } from './context-item.ts';
import { Field, rowWords } from './entry-layout.ts';
import type { Subject } from './security-engine.ts';

/** Whether the item is an entry that runs through the interface of another VM of the host too: it is of two VMs. */
export function hasOtherEnd(item: ContextItem, vm: Subject): boolean {
  return isConnection(item) && rowHasOtherEnd(item.words, item.base, vm.number);
}

/** The same for a row, and the number of the VM's interface. */
export function rowHasOtherEnd(words: Int32Array, base: number, own: number): boolean {
  const both = words[base + Field.interfaces]!;
  const one = both & 0xffff;
  const two = both >>> 16;
  return (one !== 0 && one !== own) || (two !== 0 && two !== own);
}

/**
 * The entry with its own local ends and those of the one that it replaces: a connection to a VM that is here goes on
 * running through that VM's interface.
 */
export function withEndsOf(entry: ConnectionSnapshot, resident: number): ConnectionSnapshot {
  const own = entry.words[entry.base + Field.interfaces]!;
  const ends = new Set([own & 0xffff, own >>> 16, resident & 0xffff, resident >>> 16]);
  ends.delete(0);
  const [one = 0, two = 0] = ends;
  const both = one | (two << 16);
  if (both === own) return entry;
  const words = entry.words.slice(entry.base, entry.base + rowWords(entry.family));
  words[Field.interfaces] = both;
  const { family, takenTick, lastChangeNs, extension } = entry;
  return new ConnectionSnapshot({ family, words, base: 0, takenTick, lastChangeNs, extension });
}
