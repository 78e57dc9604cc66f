import { assert } from '../sim/assert.ts';
import { GuestClock } from '../models/compute/guest-clock.ts';
import { createGuestMemory } from '../models/compute/guest-memory.ts';
import type { Host } from '../models/compute/host.ts';
import { VirtualMachine } from '../models/compute/virtual-machine.ts';
import { EndpointHost } from '../models/network/endpoint-host.ts';
import { GuestTimers } from '../models/compute/guest-timers.ts';
import type { Packet } from '../models/network/packet.ts';
import { Reference } from '../models/security/reference.ts';
import type { Policy } from '../models/security/security-engine.ts';
import type { Building } from './building.ts';
import { named } from './named.ts';
import { firstMacs, type Network } from './build-network.ts';
import { openConnections } from './initial-context.ts';
import type { VirtualMachineSpec } from './scenario.ts';

/** A VM and what belongs to it wherever it runs. */
export interface Guest {
  readonly vm: VirtualMachine;
  readonly reference: Reference;
  /** The host where it starts. */
  readonly home: Host;
}

export function buildGuests(building: Building, network: Network): ReadonlyMap<string, Guest> {
  const guests = new Map<string, Guest>();
  building.scenario.virtualMachines.forEach((spec, index) => {
    guests.set(spec.name, buildGuest(building, network, spec, index));
  });
  return guests;
}

function buildGuest(building: Building, network: Network, spec: VirtualMachineSpec, index: number): Guest {
  const { simulation, observations, ledger, chance, scenario } = building;
  const clock = new GuestClock(simulation);
  const timers = new GuestTimers(simulation, clock, spec.timers);
  const vm = new VirtualMachine({
    simulation,
    observations,
    ledger,
    name: spec.name,
    mac: firstMacs(scenario).guests + index,
    number: index + 1,
    address: spec.address,
    aliases: spec.aliases,
    memoryBytes: spec.memoryBytes,
    memory: createGuestMemory(spec.memory, clock, chance.stream(spec.name, 'memory writes')),
    clock,
    cpu: {
      vcpus: spec.vcpus,
      loadCpus: spec.loadCpus,
      weight: spec.cpuWeight,
      frameNs: spec.frameNs,
      byteNs: spec.byteNs,
    },
  });
  const transmit = (packet: Packet): void => vm.transmit(packet);
  const output = building.taps?.guest(simulation, spec.name, transmit) ?? transmit;
  vm.install(new EndpointHost(spec.address, building.idle, timers, simulation, output));
  for (const address of vm.addresses) network.neighbours.add(address, vm.mac);
  const home = named(network.hosts, spec.host);
  const policy: Policy = { kind: 'rules', ruleset: spec.policy, version: 0 };
  const homeSpec = scenario.hosts.find(({ name }) => name === spec.host);
  const referenceEngines =
    homeSpec === undefined ? [] : network.engines.referenceChain(homeSpec, () => vm.place);
  const reference = new Reference(vm, referenceEngines, observations);
  reference.setPolicy(policy);
  for (const engine of home.engines) engine.setPolicy(vm, policy);
  for (const engine of [...home.engines, ...referenceEngines]) engine.begin(vm, 0);
  for (const outer of network.engines.outerAddressesOf(vm)) network.neighbours.add(outer, vm.mac);
  const contexts = scenario.initialContext.filter((context) => context.vm === spec.name);
  for (const context of contexts) openConnections(home.engines, vm, context);
  if (!reference.follow(home.engines))
    for (const context of contexts) openConnections(referenceEngines, vm, context);
  assert(home.reserve(vm), 'the VMs that a host starts with fit into its memory');
  vm.run(home.port(vm, reference));
  simulation.schedule(0, () => home.announce(vm, 'gratuitous-arp', observations), undefined);
  return { vm, reference, home };
}
