import type { Machines } from './resolve-machines.ts';

/** What a workload has to know of a machine that it names. */
export interface MachineEntry {
  readonly family: 4 | 6;
  /** The cable of the machine, for a VM of the host where it starts; null where that host does not exist. */
  readonly cable: { readonly name: string; readonly rateBps: number } | null;
}

/** VMs and peers by name. */
export function machineIndex({ hosts, peers, virtualMachines }: Machines): ReadonlyMap<string, MachineEntry> {
  const cables = new Map(hosts.map(({ name, link }) => [name, { name, rateBps: link.rateBps }]));
  return new Map<string, MachineEntry>([
    ...peers.map(({ name, address, link }): [string, MachineEntry] => [
      name,
      { family: address.family, cable: { name, rateBps: link.rateBps } },
    ]),
    ...virtualMachines.map(({ name, address, host }): [string, MachineEntry] => [
      name,
      { family: address.family, cable: cables.get(host) ?? null },
    ]),
  ]);
}
