import { sameAddress, type Address } from '../network/address.ts';
import type { ConnectionSnapshot, Tuple } from '../security/connection-snapshot.ts';
import { isConnection, type ContextItem } from '../security/context-item.ts';
import type { ContextBatch, Subject } from '../security/security-engine.ts';
import type { SelectionPlan } from './scheme.ts';

/** Whether a VM with these addresses has more than a list that tells its items from others may hold. */
export function exceedsList({ by, addressLimit }: SelectionPlan, addresses: readonly Address[]): boolean {
  return by === 'address' && addresses.length > addressLimit.addresses;
}

/** What of a batch such a list finds: entries of the addresses on it. Other engines' items name no address of the VM. */
export function foundByList(batch: ContextBatch, selection: SelectionPlan, vm: Subject): ContextBatch {
  if (!exceedsList(selection, vm.addresses)) return batch;
  const listed = vm.addresses.slice(0, selection.addressLimit.addresses);
  const isFound = (item: ContextItem): boolean => !isConnection(item) || names(item, listed);
  return { ...batch, entries: batch.entries.filter(isFound), removed: batch.removed.filter(isFound) };
}

function names({ original, reply }: ConnectionSnapshot, addresses: readonly Address[]): boolean {
  const ends = (tuple: Tuple): Address[] => [tuple.source, tuple.destination];
  return [...ends(original), ...ends(reply)].some((end) => addresses.some((one) => sameAddress(one, end)));
}
