import { sameAddress, type Address } from '../models/network/address.ts';
import type { FileProblem } from './file/file-problems.ts';
import type { Scenario } from './scenario.ts';

/**
 * Warns of connections that a VM opens to an IPsec peer from behind NAT: an association is with the VM's own address,
 * so that the other end answers the outer one without it, and the endpoint drops the answers (a tunnel through NAT,
 * RFC 3948, is not modelled).
 */
export function securedBehindNat({ hosts, peers, virtualMachines, workloads }: Scenario): FileProblem[] {
  const addressOf = new Map(peers.map(({ name, address }) => [name, address]));
  const engineOf = new Map(hosts.map(({ name, engines }) => [name, engines]));
  const meetsBoth = (vm: string, end: Address): boolean => {
    const home = virtualMachines.find(({ name }) => name === vm)?.host ?? '';
    const engines = engineOf.get(home) ?? [];
    const secured = engines.some(
      (engine) => engine.kind === 'ipsec' && engine.peers.some((peer) => sameAddress(peer, end)),
    );
    return secured && engines.some(({ kind }) => kind === 'nat');
  };
  const found = workloads.find((workload) => {
    if (!('initiator' in workload) || workload.initiator !== 'vm') return false;
    const end = addressOf.get(workload.peer);
    return end !== undefined && meetsBoth(workload.vm, end);
  });
  if (found === undefined) return [];
  return [
    {
      path: ['workloads'],
      atKey: true,
      message: `${found.name} opens connections to an IPsec peer from behind NAT, whose answers no association covers`,
      allowed:
        'a peer that is not one of the ipsec engine, connections that the peer opens, or no nat engine',
    },
  ];
}
