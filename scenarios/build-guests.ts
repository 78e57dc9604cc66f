import { GuestClock } from '../models/compute/guest-clock.ts';
import { createGuestMemory } from '../models/compute/guest-memory.ts';
import { inward, outward } from '../models/compute/guest-port.ts';
import type { Host } from '../models/compute/host.ts';
import { VirtualMachine } from '../models/compute/virtual-machine.ts';
import { ipv4 } from '../models/network/address.ts';
import { EndpointHost } from '../models/network/endpoint-host.ts';
import { GuestTimers } from '../models/compute/guest-timers.ts';
import { makePacket, Protocol, TcpFlag, type Packet } from '../models/network/packet.ts';
import { linux6 } from '../models/network/tcp-settings.ts';
import { FirewallEngine } from '../models/security/firewall-engine.ts';
import { Reference } from '../models/security/reference.ts';
import type { Policy, SecurityEngine } from '../models/security/security-engine.ts';
import { named, type Building } from './build-cluster.ts';
import { guestMacs, type Network } from './build-network.ts';
import type { InitialContextSpec, StatefulFirewallSpec, VirtualMachineSpec } from './scenario.ts';

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
    mac: guestMacs + index,
    number: index + 1,
    address: spec.address,
    memoryBytes: spec.memoryBytes,
    memory: createGuestMemory(spec.memory, clock, chance.stream(spec.name, 'memory writes')),
    clock,
  });
  const transmit = (packet: Packet): void => vm.transmit(packet);
  const output = building.taps?.guest(simulation, spec.name, transmit) ?? transmit;
  vm.install(new EndpointHost(spec.address, linux6, timers, simulation, output));
  network.neighbours.add(spec.address, vm.mac);
  const home = named(network.hosts, spec.host);
  const policy: Policy = { kind: 'rules', ruleset: spec.policy, version: 0 };
  const referenceEngine = new FirewallEngine(referenceSpec(scenario.hosts, spec.host), 1);
  const reference = new Reference(vm, referenceEngine, observations);
  reference.setPolicy(policy);
  for (const engine of home.engines) engine.setPolicy(vm, policy);
  for (const context of scenario.initialContext) {
    if (context.vm === spec.name) fill([...home.engines, referenceEngine], vm, context);
  }
  home.reserve(vm);
  vm.run(home.port(vm, reference));
  simulation.schedule(0, () => home.announce(vm, 'gratuitous-arp'), undefined);
  return { vm, reference, home };
}

/** The reference is the engine of the VM's first host, with a table for this VM alone. */
function referenceSpec(hosts: Building['scenario']['hosts'], home: string): StatefulFirewallSpec {
  const engines = hosts.find((host) => host.name === home)?.engines ?? [];
  return { ...engines[0]!, name: 'reference', table: 'per-vm' };
}

/** Opens connections from outside through the engines, as traffic before the start would have done. */
function fill(engines: readonly SecurityEngine[], vm: VirtualMachine, context: InitialContextSpec): void {
  for (let index = 0; index < context.entries; index++) {
    const [syn, synAck, ack] = handshake(vm, context.port, index);
    for (const engine of engines) {
      engine.inspect(vm, syn, inward, 0);
      engine.inspect(vm, synAck, outward, 0);
      engine.inspect(vm, ack, inward, 0);
    }
  }
}

/** Clients of 198.18.0.0/15, the network for benchmarks (RFC 2544), 50,000 ports each. */
function handshake(vm: VirtualMachine, port: number, index: number): [Packet, Packet, Packet] {
  const client = ipv4(0xc612_0001 + Math.floor(index / 50_000));
  const clientPort = 10_000 + (index % 50_000);
  const options = { window: 64_240, windowScale: 7, sackPermitted: true, maximumSegmentBytes: 1460 };
  const there = { source: client, destination: vm.address, sourcePort: clientPort, destinationPort: port };
  const back = { source: vm.address, destination: client, sourcePort: port, destinationPort: clientPort };
  const protocol = Protocol.tcp;
  return [
    makePacket({ ...there, ...options, protocol, tcpFlags: TcpFlag.syn, sequence: index }),
    makePacket({
      ...back,
      ...options,
      protocol,
      tcpFlags: TcpFlag.syn | TcpFlag.ack,
      acknowledgement: index + 1,
    }),
    makePacket({
      ...there,
      protocol,
      window: 502,
      tcpFlags: TcpFlag.ack,
      sequence: index + 1,
      acknowledgement: 1,
    }),
  ];
}
