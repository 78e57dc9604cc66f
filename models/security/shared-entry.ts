import { isConnection, type ContextItem } from './context-item.ts';
import type { Subject } from './security-engine.ts';

/** Whether the item is an entry that runs through the interface of another VM of the host too: it is of two VMs. */
export function hasOtherEnd(item: ContextItem, vm: Subject): boolean {
  return isConnection(item) && item.interfaces.some((number) => number !== 0 && number !== vm.number);
}
