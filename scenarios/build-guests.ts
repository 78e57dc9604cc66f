import { GuestClock } from '../models/compute/guest-clock.ts';
import { createGuestMemory } from '../models/compute/guest-memory.ts';
import { inward, outward } from '../models/compute/guest-port.ts';
import type { Host } from '../models/compute/host.ts';
import { VirtualMachine } from '../models/compute/virtual-machine.ts';
import { ipv4, type Address } from '../models/network/address.ts';
import { EndpointHost } from '../models/network/endpoint-host.ts';
import { GuestTimers } from '../models/compute/guest-timers.ts';
import { changedPacket, makePacket, Protocol, TcpFlag, type Packet } from '../models/network/packet.ts';
import { inOrder } from '../models/security/engine-chain.ts';
import type { Passage } from '../models/security/nse.ts';
import { Reference } from '../models/security/reference.ts';
import type { Policy, SecurityEngine } from '../models/security/security-engine.ts';
import { named, type Building } from './build-cluster.ts';
import { firstMacs, type Network } from './build-network.ts';
import type { InitialContextSpec, VirtualMachineSpec } from './scenario.ts';

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
  for (const context of contexts) fill(home.engines, vm, context);
  if (!reference.follow(home.engines)) for (const context of contexts) fill(referenceEngines, vm, context);
  home.reserve(vm);
  vm.run(home.port(vm, reference));
  simulation.schedule(0, () => home.announce(vm, 'gratuitous-arp'), undefined);
  return { vm, reference, home };
}

/** Opens connections from outside through the engines, as traffic before the start would have done. */
function fill(engines: readonly SecurityEngine[], vm: VirtualMachine, context: InitialContextSpec): void {
  const handshakes = vm.addresses.map((address) => handshake(address, context.port));
  for (let index = 0; index < context.entries; index++) {
    const [syn, synAck, ack] = handshakes[index % handshakes.length]!;
    // Clients of 198.18.0.0/15, the network for benchmarks (RFC 2544), 50,000 ports each.
    const client = ipv4(0xc612_0001 + Math.floor(index / 50_000));
    const port = 10_000 + (index % 50_000);
    const own = { source: client, sourcePort: port };
    const opening = changedPacket(syn, { ...own, sequence: index });
    const answer = changedPacket(synAck, {
      destination: client,
      destinationPort: port,
      acknowledgement: index + 1,
    });
    const third = changedPacket(ack, { ...own, sequence: index + 1 });
    send(engines, vm, opening, inward);
    // A SYN proxy shifts the server's numbers: the client acknowledges what it saw.
    const { sequence } = send(engines, vm, answer, outward);
    send(
      engines,
      vm,
      sequence === 0 ? third : changedPacket(third, { acknowledgement: sequence + 1 }),
      inward,
    );
  }
}

function send(
  engines: readonly SecurityEngine[],
  vm: VirtualMachine,
  packet: Packet,
  passage: Passage,
): Packet {
  let current = packet;
  for (const engine of inOrder(engines, passage)) current = engine.inspect(vm, current, passage, 0).packet;
  return current;
}

/** The packets of a handshake that the VM answers; the client's address, port and sequence numbers are left open. */
function handshake(own: Address, port: number): [Packet, Packet, Packet] {
  const options = { window: 64_240, windowScale: 7, sackPermitted: true, maximumSegmentBytes: 1460 };
  const there = { protocol: Protocol.tcp, destination: own, destinationPort: port };
  const back = { protocol: Protocol.tcp, source: own, sourcePort: port };
  return [
    makePacket({ ...there, ...options, tcpFlags: TcpFlag.syn }),
    makePacket({ ...back, ...options, tcpFlags: TcpFlag.syn | TcpFlag.ack }),
    makePacket({ ...there, window: 502, tcpFlags: TcpFlag.ack, acknowledgement: 1 }),
  ];
}
