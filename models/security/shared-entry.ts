import type { ConnectionSnapshot } from './connection-snapshot.ts';
import type { Subject } from './security-engine.ts';

/** Whether the connection runs through the interface of another VM of the host too: its entry is of two VMs. */
export function hasOtherEnd(entry: ConnectionSnapshot, vm: Subject): boolean {
  return entry.interfaces.some((number) => number !== 0 && number !== vm.number);
}
