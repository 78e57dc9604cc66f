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
import { linuxDefaults } from '../models/security/tracking-settings.ts';
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
  vm.install(new EndpointHost(spec.address, linux6, timers, simulation, output));
  network.neighbours.add(spec.address, vm.mac);
  const home = named(network.hosts, spec.host);
  const policy: Policy = { kind: 'rules', ruleset: spec.policy, version: 0 };
  const referenceEngine = new FirewallEngine(referenceSpec(scenario.hosts, spec.host), 1);
  const reference = new Reference(vm, referenceEngine, observations);
  // Where nothing filters, nothing would have if the VM had stayed.
  reference.setPolicy(home.engines.length === 0 ? { kind: 'no-engine' } : policy);
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
  return { ...(engines[0] ?? plainFirewall), name: 'reference', table: 'per-vm' };
}

/** What the reference is made of where the first host has no engine: it is never asked to filter. */
const plainFirewall: StatefulFirewallSpec = {
  ...{ kind: 'stateful-firewall', name: 'reference', table: 'per-vm', tracking: linuxDefaults },
  ...{ packetNs: 0, ruleNs: 0, newEntryNs: 0 },
};

/** Opens connections from outside through the engines, as traffic before the start would have done. */
function fill(engines: readonly SecurityEngine[], vm: VirtualMachine, context: InitialContextSpec): void {
  const [syn, synAck, ack] = handshake(vm, context.port);
  for (let index = 0; index < context.entries; index++) {
    // Clients of 198.18.0.0/15, the network for benchmarks (RFC 2544), 50,000 ports each.
    const client = ipv4(0xc612_0001 + Math.floor(index / 50_000));
    const port = 10_000 + (index % 50_000);
    // Copies of whole packets: made field by field they take longer than the engines' work on them.
    const opening = { ...syn, source: client, sourcePort: port, sequence: index };
    const answer = { ...synAck, destination: client, destinationPort: port, acknowledgement: index + 1 };
    const third = { ...ack, source: client, sourcePort: port, sequence: index + 1 };
    for (const engine of engines) {
      engine.inspect(vm, opening, inward, 0);
      engine.inspect(vm, answer, outward, 0);
      engine.inspect(vm, third, inward, 0);
    }
  }
}

/** The packets of a handshake that the VM answers; the client's address, port and sequence numbers are left open. */
function handshake(vm: VirtualMachine, port: number): [Packet, Packet, Packet] {
  const options = { window: 64_240, windowScale: 7, sackPermitted: true, maximumSegmentBytes: 1460 };
  const there = { protocol: Protocol.tcp, destination: vm.address, destinationPort: port };
  const back = { protocol: Protocol.tcp, source: vm.address, sourcePort: port };
  return [
    makePacket({ ...there, ...options, tcpFlags: TcpFlag.syn }),
    makePacket({ ...back, ...options, tcpFlags: TcpFlag.syn | TcpFlag.ack }),
    makePacket({ ...there, window: 502, tcpFlags: TcpFlag.ack, acknowledgement: 1 }),
  ];
}
