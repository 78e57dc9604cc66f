import { formatAddress } from '../models/network/address.ts';
import type { Address } from '../models/network/address.ts';
import { pageBytes } from '../models/compute/memory-access.ts';
import { addressAfter } from './expand-template.ts';
import type { ScenarioFile } from './file/scenario-file.ts';
import { isMachineAddress } from './machine-address.ts';
import { resolveMemoryAccess } from './resolve-memory-access.ts';
import { checkOuterAddresses, resolveEngines } from './resolve-engines.ts';
import { resolveCable, resolveLink } from './resolve-network.ts';
import type { ResolveProblems } from './resolve-problems.ts';
import { workloadMemory } from './workload-memory.ts';
import { placedItems, refuseDuplicates } from './resolution.ts';
import type { Placed, Resolution } from './resolution.ts';
import type { EngineSpec, HostSpec, PeerSpec, VirtualMachineSpec } from './scenario.ts';
import type { FieldPath } from './source-problem.ts';
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
  const addresses = new AddressBook(resolution.problems);
  const peers = placedPeers.map((peer) => ({
    name: peer.item.name,
    address: addresses.take(peer),
    ...resolveCable(peer, resolution.problems),
  }));
  const accessOf = workloadMemory(resolution);
  const virtualMachines = placedVms.map((vm) =>
    virtualMachine(vm, addresses.takeAll(vm), accessOf(vm), resolution),
  );
  checkMemory(placedHosts, placedVms, resolution);
  const hosts = placedHosts.map((host) =>
    hostSpec(host, resolveEngines(host, peers, resolution), resolution.problems),
  );
  const resolved = { hosts, peers, virtualMachines };
  checkOuterAddresses(placedHosts, resolved, resolution);
  return resolved;
}

function hostSpec(
  placed: Placed<HostFile>,
  engines: readonly EngineSpec[],
  problems: ResolveProblems,
): HostSpec {
  const { item: host, path } = placed;
  return {
    name: host.name,
    memoryBytes: host.memory,
    cpus: host.cpus,
    control: resolveControl(placed, problems),
    copyNsPerByte: (host.copy_cost * host.cost_scale) / pageBytes,
    changeNs: host.change_tracking.always ? host.change_tracking.cost : 0,
    packetsMax: host.packet_queue,
    ...resolveCable(placed, problems),
    migrationLink:
      host.migration_link === 'shared'
        ? 'shared'
        : resolveLink(host.migration_link, [...path, 'migration_link'], problems),
    engines,
    costScale: host.cost_scale,
  };
}

function resolveControl({ item, path }: Placed<HostFile>, problems: ResolveProblems): HostSpec['control'] {
  const { cpus, control } = item;
  const cpusMax = Math.min(cpus, control.cpus_max ?? cpus);
  if (control.reserved > cpusMax) {
    const message = `reserves ${control.reserved} of ${cpusMax} CPUs that it can use`;
    problems.add([...path, 'control', 'reserved'], message, `${cpusMax} or fewer`);
  }
  return { weight: control.weight, reservedCpus: control.reserved, cpusMax };
}

/** Counts addresses of templates up, and notes those that two machines share. */
class AddressBook {
  private readonly problems: ResolveProblems;
  private readonly owners = new Map<string, string>();

  constructor(problems: ResolveProblems) {
    this.problems = problems;
  }

  take({ item, index, path }: Placed<{ readonly name: string; readonly address: Address }>): Address {
    return this.takeOne(item.name, item.address, index, [...path, 'address']);
  }

  /** The interface's own address first. */
  takeAll(vm: Placed<VmFile>): readonly Address[] {
    const { item, index, path } = vm;
    const own = this.take(vm);
    const aliases = item.aliases.map((alias, nth) =>
      this.takeOne(item.name, alias, index, [...path, 'aliases', nth]),
    );
    return [own, ...aliases];
  }

  private takeOne(name: string, written: Address, index: number, path: FieldPath): Address {
    const address = addressAfter(written, index);
    if (address === undefined) {
      this.problems.add(path, 'counts up beyond the last address', 'a lower address');
      return written;
    }
    const text = formatAddress(address);
    if (!isMachineAddress(address))
      this.problems.add(
        path,
        `${text} is no machine’s address`,
        'not 0/8, 127/8, 224/4, 240/4, ::, ::1, ff00::/8',
      );
    const owner = this.owners.get(text);
    if (owner !== undefined) {
      const both = owner === name ? `${name} has ${text} twice` : `${name} and ${owner} both have ${text}`;
      this.problems.add(path, both, 'an address of its own');
    }
    this.owners.set(text, name);
    return address;
  }
}

function virtualMachine(
  vm: Placed<VmFile>,
  [address, ...aliases]: readonly Address[],
  access: NonNullable<VmFile['memory_access']>,
  resolution: Resolution,
): VirtualMachineSpec {
  const { item, path } = vm;
  const { problems, names, policies } = resolution;
  if (!names.hosts.has(item.host)) problems.unknown([...path, 'host'], 'host', item.host, names.hosts);
  if (item.memory === 0) {
    problems.add([...path, 'memory'], 'a VM without memory', 'a multiple of 4 KiB, 4 KiB or more');
  } else if (item.memory % pageBytes !== 0) {
    problems.add([...path, 'memory'], 'is not a whole number of pages', 'a multiple of 4 KiB');
  }
  return {
    name: item.name,
    host: item.host,
    address: address ?? item.address,
    aliases,
    memoryBytes: item.memory,
    memory: resolveMemoryAccess(item, access, path, problems),
    policy: policies.rulesOf(item.policy, [...path, 'policy']),
    timers: item.timers,
    vcpus: item.vcpus,
    loadCpus: item.cpu_load * item.vcpus,
    cpuWeight: item.cpu_weight,
    frameNs: item.frame_cost,
    byteNs: item.data_cost / pageBytes,
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
