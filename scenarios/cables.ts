import type { Machines } from './resolve-machines.ts';

/** The cable that a machine's packets cross, named after the host or peer. */
export interface Cable {
  readonly name: string;
  /** From the machine to the switch, and back. */
  readonly upBps: number;
  readonly downBps: number;
}

/** The cables of VMs, those of the hosts where they start, and of peers, by the machine's name. */
export function cablesOf({ hosts, peers, virtualMachines }: Machines): ReadonlyMap<string, Cable> {
  const own = new Map(
    [...hosts, ...peers].map(({ name, link, returnLink }) => [
      name,
      { name, upBps: link.rateBps, downBps: returnLink.rateBps },
    ]),
  );
  const cables = new Map<string, Cable>();
  for (const { name } of peers) cables.set(name, own.get(name)!);
  for (const { name, host } of virtualMachines) {
    const cable = own.get(host);
    if (cable !== undefined) cables.set(name, cable);
  }
  return cables;
}
