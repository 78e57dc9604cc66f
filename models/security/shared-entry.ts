import type { ConnectionSnapshot } from './connection-snapshot.ts';
import { Field } from './entry-layout.ts';
import type { Subject } from './security-engine.ts';

/** Whether the connection runs through the interface of another VM of the host too: its entry is of two VMs. */
export function hasOtherEnd(entry: ConnectionSnapshot, vm: Subject): boolean {
  return rowHasOtherEnd(entry.words, entry.base, vm.number);
}

/** The same for a row, and the number of the VM's interface. */
export function rowHasOtherEnd(words: Int32Array, base: number, own: number): boolean {
  const both = words[base + Field.interfaces]!;
  const one = both & 0xffff;
  const two = both >>> 16;
  return (one !== 0 && one !== own) || (two !== 0 && two !== own);
}
