import { formatAddress } from '../models/network/address.ts';
import type { Address } from '../models/network/address.ts';
import { pageBytes } from '../models/compute/memory-access.ts';
import { addressAfter } from './expand-template.ts';
import type { ScenarioFile } from './file/scenario-file.ts';
import { resolveMemoryAccess } from './resolve-memory-access.ts';
import { workloadMemory } from './workload-memory.ts';
import { placedItems, refuseDuplicates } from './resolution.ts';
import type { Placed, Resolution } from './resolution.ts';
import type { EngineSpec, HostSpec, LinkSpec, PeerSpec, VirtualMachineSpec } from './scenario.ts';
import { formatQuantity } from './units.ts';

type HostFile = ScenarioFile['hosts'][number];
type VmFile = ScenarioFile['vms'][number];

/** The machines of a scenario, their names, addresses and memory held against each other. */
export interface Machines {
  readonly hosts: readonly HostSpec[];
  readonly peers: readonly PeerSpec[];
  readonly virtualMachines: readonly VirtualMachineSpec[];
}

export function resolveMachines(resolution: Resolution): Machines {
  const placedHosts = placedItems(resolution, 'hosts');
  const placedPeers = placedItems(resolution, 'peers');
  const placedVms = placedItems(resolution, 'vms');
  const machines = [...placedHosts, ...placedPeers, ...placedVms];
  refuseDuplicates(machines, 'machines', resolution.problems);
  const addresses = new AddressBook(resolution);
  const peers = placedPeers.map((peer) => ({
    name: peer.item.name,
    address: addresses.take(peer),
    link: linkSpec(peer.item.link),
  }));
  const accessOf = workloadMemory(resolution);
  const virtualMachines = placedVms.map((vm) =>
    virtualMachine(vm, addresses.take(vm), accessOf(vm), resolution),
  );
  checkMemory(placedHosts, placedVms, resolution);
  return { hosts: placedHosts.map(({ item }) => hostSpec(item)), peers, virtualMachines };
}

function hostSpec(host: HostFile): HostSpec {
  return {
    name: host.name,
    memoryBytes: host.memory,
    cpus: host.cpus,
    link: linkSpec(host.link),
    migrationLink: host.migration_link === 'shared' ? 'shared' : linkSpec(host.migration_link),
    engines: host.nse.map(engineSpec),
    costScale: host.cost_scale,
  };
}

function linkSpec({ rate, delay, queue, loss }: HostFile['link']): LinkSpec {
  return { rateBps: rate, delayNs: delay, queueBytes: queue, lossPerFrame: loss };
}

function engineSpec(engine: HostFile['nse'][number]): EngineSpec {
  return {
    kind: 'stateful-firewall',
    name: engine.name,
    table: engine.table,
    tracking: engine.tracking,
    packetNs: engine.packet_cost,
    ruleNs: engine.rule_cost,
    newEntryNs: engine.new_entry_cost,
  };
}

/** Counts addresses of templates up, and notes those that two machines share. */
class AddressBook {
  private readonly resolution: Resolution;
  private readonly owners = new Map<string, string>();

  constructor(resolution: Resolution) {
    this.resolution = resolution;
  }

  take({ item, index, path }: Placed<{ readonly name: string; readonly address: Address }>): Address {
    const { problems } = this.resolution;
    const address = addressAfter(item.address, index);
    if (address === undefined) {
      problems.add([...path, 'address'], 'counts up beyond the last address', 'a lower address');
      return item.address;
    }
    const text = formatAddress(address);
    const owner = this.owners.get(text);
    if (owner !== undefined) {
      problems.add(
        [...path, 'address'],
        `${item.name} and ${owner} both have ${text}`,
        'an address of its own',
      );
    }
    this.owners.set(text, item.name);
    return address;
  }
}

function virtualMachine(
  vm: Placed<VmFile>,
  address: Address,
  access: NonNullable<VmFile['memory_access']>,
  resolution: Resolution,
): VirtualMachineSpec {
  const { item, path } = vm;
  const { problems, names, policies } = resolution;
  if (!names.hosts.has(item.host)) problems.unknown([...path, 'host'], 'host', item.host, names.hosts);
  if (item.memory === 0 || item.memory % pageBytes !== 0) {
    problems.add([...path, 'memory'], 'is not a whole number of pages', 'a multiple of 4 KiB');
  }
  return {
    name: item.name,
    host: item.host,
    address,
    memoryBytes: item.memory,
    memory: resolveMemoryAccess(item, access, path, problems),
    policy: policies.rulesOf(item.policy, [...path, 'policy']),
    timers: item.timers,
  };
}

function checkMemory(
  hosts: readonly Placed<HostFile>[],
  vms: readonly Placed<VmFile>[],
  { problems }: Resolution,
): void {
  const rooms = new Map(hosts.map(({ item }) => [item.name, item.memory]));
  const used = new Map<string, number>();
  for (const { item, path } of vms) {
    const room = rooms.get(item.host);
    if (room === undefined) continue;
    const before = used.get(item.host) ?? 0;
    used.set(item.host, before + item.memory);
    if (before <= room && before + item.memory > room) {
      const message = `with ${item.name}, the VMs on ${item.host} need ${formatQuantity(before + item.memory, 'size')}`;
      problems.add(
        [...path, 'memory'],
        message,
        `no more than the host’s ${formatQuantity(room, 'size')} in sum`,
      );
    }
  }
}
