import { Host } from '../models/compute/host.ts';
import { NatGateway } from '../models/compute/nat-gateway.ts';
import { Peer } from '../models/compute/peer.ts';
import type { Learners } from '../models/migration/learners.ts';
import { FluidNetwork, fluidIntervalNs } from '../models/network/fluid-network.ts';
import { sameAddress, type Address } from '../models/network/address.ts';
import { announcementFrame, type Frame, type Mac } from '../models/network/frame.ts';
import { Link, type LinkSettings } from '../models/network/link.ts';
import { NeighbourTable } from '../models/network/neighbour-table.ts';
import { EndpointHost } from '../models/network/endpoint-host.ts';
import type { Packet } from '../models/network/packet.ts';
import { Switch, type SwitchObserver } from '../models/network/switch.ts';
import { linux6 } from '../models/network/tcp-settings.ts';
import type { DropCause } from '../models/observations.ts';
import { EspEnd } from '../models/security/esp-end.ts';
import type { Building } from './build-cluster.ts';
import { Engines } from './build-engines.ts';
import type { HostSpec, PeerSpec, Scenario } from './scenario.ts';

/** Hosts, peers and what connects them: one switch, and the links to it. */
export interface Network {
  readonly hosts: ReadonlyMap<string, Host>;
  readonly peers: ReadonlyMap<string, Peer>;
  readonly neighbours: NeighbourTable;
  readonly fluid: FluidNetwork;
  readonly engines: Engines;
  /** The links that a migration's streams cross. */
  migrationPath(source: Host, destination: Host): readonly Link[];
  /** Both directions of a host's cable for its VMs, or of the one that its migrations use. */
  linksOf(host: string, which: 'vms' | 'migrations'): readonly Link[];
}

/** A machine's two directions: towards the switch and away from it. */
interface Wire {
  readonly up: Link;
  readonly down: Link;
}

/** Interfaces of hosts begin here, of peers at 0x20000, of VMs at 0x30000. */
const hostMacs = 0x1_0000;
const peerMacs = 0x2_0000;
const gatewayMacs = 0x4_0000;

export function buildNetwork(building: Building, learners: Learners): Network {
  const { scenario, simulation, ledger } = building;
  const observer: SwitchObserver = {
    learnt: () => learners.check(),
    forwarded: (frame, place, copies) => {
      if (frame.packet === null) return;
      if (copies > 0) ledger.copied(frame.packet, copies - 1);
      else {
        ledger.left(frame.packet);
        ledger.dropped(frame.packet, 'unroutable', place, simulation.nowNs);
      }
    },
  };
  const fabric = new Switch(simulation, 'switch', scenario.switchLearnNs, observer);
  const neighbours = new NeighbourTable();
  const engines = new Engines(scenario);
  const hosts = new Map<string, Host>();
  const peers = new Map<string, Peer>();
  const wires = new Map<string, Wire>();
  const ownWires = new Map<string, Wire>();
  scenario.hosts.forEach((spec, index) => {
    const { host, wire, ownWire } = buildHost(
      building,
      spec,
      hostMacs + index,
      fabric,
      observer,
      neighbours,
      learners,
      engines,
    );
    hosts.set(spec.name, host);
    wires.set(spec.name, wire);
    ownWires.set(spec.name, ownWire);
  });
  scenario.peers.forEach((spec, index) => {
    const peer = buildPeer(building, spec, peerMacs + index, fabric, neighbours);
    const esp = espEnd(scenario, spec);
    if (esp !== null) peer.secure(esp);
    peers.set(spec.name, peer);
  });
  buildGateways(building, engines, fabric, neighbours);
  return {
    hosts,
    peers,
    neighbours,
    engines,
    fluid: new FluidNetwork(simulation, fluidIntervalNs),
    migrationPath: (source, destination) => [wires.get(source.name)!.up, wires.get(destination.name)!.down],
    linksOf: (host, which) => {
      const { up, down } = (which === 'vms' ? ownWires : wires).get(host)!;
      return [up, down];
    },
  };
}

function buildHost(
  building: Building,
  spec: HostSpec,
  mac: number,
  fabric: Switch,
  observer: SwitchObserver,
  neighbours: NeighbourTable,
  learners: Learners,
  engines: Engines,
): { host: Host; wire: Wire; ownWire: Wire } {
  const { simulation, ledger } = building;
  const bridge = new Switch(simulation, `${spec.name}/bridge`, 0, observer);
  const wire = buildWire(building, spec.name, spec.link);
  const uplink = bridge.attach(wire.up);
  const fabricPort = fabric.attach(wire.down);
  wire.up.connect(fabricPort);
  wire.down.connect(uplink);
  const host = new Host({
    simulation,
    ledger,
    neighbours,
    name: spec.name,
    mac,
    memoryBytes: spec.memoryBytes,
    costScale: spec.costScale,
    engines: spec.engines.map((engine) => engines.build(engine, spec.name, spec.costScale)),
    bridge,
    ownerOf: (packet) => engines.ownerOf(spec.name, packet, simulation.nowNs),
  });
  for (const address of engines.outerAddresses(spec.name)) neighbours.add(address, mac);
  learners.add({
    // The switch has learnt when frames for the VM go to its host; the host's bridge when they go to the VM, or out.
    finds: (vm, at) => {
      if (at === host) return fabric.portOf(vm.mac) === fabricPort.index && host.findsHere(vm);
      return bridge.portOf(vm.mac) === uplink.index || bridge.portOf(vm.mac) < 0;
    },
  });
  if (spec.migrationLink === 'shared') return { host, wire, ownWire: wire };
  return { host, wire: buildWire(building, `${spec.name}/migration`, spec.migrationLink), ownWire: wire };
}

function buildPeer(
  building: Building,
  spec: PeerSpec,
  mac: number,
  fabric: Switch,
  neighbours: NeighbourTable,
): Peer {
  const { simulation, observations, ledger } = building;
  const wire = buildWire(building, spec.name, spec.link);
  const { name, address } = spec;
  const peer = new Peer({
    simulation,
    observations,
    ledger,
    neighbours,
    name,
    mac,
    address,
    output: wire.up,
  });
  const port = fabric.attach(wire.down);
  wire.up.connect(port);
  wire.down.connect(peer);
  neighbours.add(address, mac);
  peer.install(new EndpointHost(address, linux6, simulation, simulation, (packet) => peer.transmit(packet)));
  simulation.schedule(0, announce, peer);
  return peer;
}

/** Gateways with the outer addresses of VMs, right at the switch. */
function buildGateways(
  { scenario, simulation, ledger }: Building,
  engines: Engines,
  fabric: Switch,
  neighbours: NeighbourTable,
): void {
  engines.gateways().forEach(({ address, host }, index) => {
    const mac = gatewayMacs + index;
    const ownerOf = (packet: Packet): Mac | null => {
      const name = engines.ownerOf(host, packet, simulation.nowNs);
      const vm = scenario.virtualMachines.find((spec) => spec.name === name);
      return vm === undefined ? null : neighbours.macOf(vm.address);
    };
    const gateway = new NatGateway({ simulation, ledger, mac, ownerOf });
    const port = fabric.attach(gateway);
    gateway.connect(port);
    neighbours.add(address, mac);
    simulation.schedule(0, () => port.send(announcementFrame('gratuitous-arp', mac, address)), undefined);
  });
}

/** The peer's side of the ESP associations with VMs that start behind an endpoint for it; null without any. */
function espEnd({ hosts, virtualMachines }: Scenario, peer: PeerSpec): EspEnd | null {
  const windowOf = (host: string): number | null => {
    const engines = hosts.find(({ name }) => name === host)?.engines ?? [];
    const engine = engines.find(
      (spec) => spec.kind === 'ipsec' && spec.peers.some((end) => sameAddress(end, peer.address)),
    );
    return engine?.kind === 'ipsec' ? engine.windowPackets : null;
  };
  const secured = virtualMachines.filter(({ host }) => windowOf(host) !== null);
  if (secured.length === 0) return null;
  const protects = (address: Address): boolean => secured.some((vm) => sameAddress(vm.address, address));
  return new EspEnd(protects, windowOf(secured[0]!.host) ?? 0);
}

function announce(peer: Peer): void {
  peer.announce();
}

function buildWire(building: Building, name: string, settings: LinkSettings): Wire {
  const { simulation, ledger, chance } = building;
  const dropped = (frame: Frame, place: string, cause: DropCause): void => {
    if (frame.packet === null) return;
    ledger.left(frame.packet);
    ledger.dropped(frame.packet, cause, place, simulation.nowNs);
  };
  const link = (place: string): Link =>
    new Link(simulation, place, settings, chance.stream(place, 'loss'), dropped);
  return { up: link(`${name}/up`), down: link(`${name}/down`) };
}
