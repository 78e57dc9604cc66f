import { Host } from '../models/compute/host.ts';
import { Peer } from '../models/compute/peer.ts';
import type { Learners } from '../models/migration/learners.ts';
import { FluidNetwork, fluidIntervalNs } from '../models/network/fluid-network.ts';
import type { Frame, FrameSink } from '../models/network/frame.ts';
import { Link, type LinkSettings } from '../models/network/link.ts';
import { NeighbourTable } from '../models/network/neighbour-table.ts';
import { EndpointHost } from '../models/network/endpoint-host.ts';
import { Switch, type SwitchObserver } from '../models/network/switch.ts';
import { linux6 } from '../models/network/tcp-settings.ts';
import type { DropCause } from '../models/observations.ts';
import { FirewallEngine } from '../models/security/firewall-engine.ts';
import type { SecurityEngine } from '../models/security/security-engine.ts';
import type { Building } from './build-cluster.ts';
import type { HostSpec, PeerSpec, StatefulFirewallSpec } from './scenario.ts';

/** Hosts, peers and what connects them: one switch, and the links to it. */
export interface Network {
  readonly hosts: ReadonlyMap<string, Host>;
  readonly peers: ReadonlyMap<string, Peer>;
  readonly neighbours: NeighbourTable;
  readonly fluid: FluidNetwork;
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

/** Where the addresses of interfaces begin: of hosts, of peers, of VMs. */
const hostMacs = 0x1_0000;
const peerMacs = 0x2_0000;
export const guestMacs = 0x3_0000;

export function buildNetwork(building: Building, learners: Learners): Network {
  const { scenario, simulation, ledger, observations } = building;
  const observer: SwitchObserver = {
    learnt: (mac, _port, place) => {
      const vm = scenario.virtualMachines[mac - guestMacs]?.name;
      if (vm !== undefined) observations.locationLearnt.publish({ timeNs: simulation.nowNs, place, vm });
      learners.check();
    },
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
    );
    hosts.set(spec.name, host);
    wires.set(spec.name, wire);
    ownWires.set(spec.name, ownWire);
  });
  scenario.peers.forEach((spec, index) => {
    peers.set(spec.name, buildPeer(building, spec, peerMacs + index, fabric, neighbours));
  });
  return {
    hosts,
    peers,
    neighbours,
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
): { host: Host; wire: Wire; ownWire: Wire } {
  const { simulation, ledger } = building;
  const bridge = new Switch(simulation, `${spec.name}/bridge`, 0, observer);
  const wire = buildWire(building, spec.name, spec.link);
  const uplink = bridge.attach(wireStart(building, spec.name, wire));
  const fabricPort = fabric.attach(wire.down);
  connectWire(building, spec.name, wire, { up: fabricPort, down: uplink });
  const host = new Host({
    simulation,
    ledger,
    neighbours,
    name: spec.name,
    mac,
    memoryBytes: spec.memoryBytes,
    costScale: spec.costScale,
    engines: spec.engines.map((engine) => buildEngine(building, spec, engine)),
    bridge,
  });
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
    output: wireStart(building, name, wire),
  });
  const port = fabric.attach(wire.down);
  connectWire(building, name, wire, { up: port, down: peer });
  neighbours.add(address, mac);
  peer.install(new EndpointHost(address, linux6, simulation, simulation, (packet) => peer.transmit(packet)));
  simulation.schedule(0, announce, peer);
  return peer;
}

function buildEngine(
  { taps }: Building,
  { name, costScale }: HostSpec,
  settings: StatefulFirewallSpec,
): SecurityEngine {
  const engine = new FirewallEngine(settings, costScale);
  return taps?.engine(name, engine) ?? engine;
}

/** Where a machine's frames go into its cable. */
function wireStart({ taps, simulation }: Building, machine: string, { up }: Wire): FrameSink {
  return taps?.wire(simulation, machine, 'out', up) ?? up;
}

/** Says who gets what comes out of a machine's cable: the switch's side, and the machine's. */
function connectWire(
  { taps, simulation }: Building,
  machine: string,
  wire: Wire,
  ends: { readonly up: FrameSink; readonly down: FrameSink },
): void {
  if (taps === null) {
    wire.up.connect(ends.up);
    wire.down.connect(ends.down);
    return;
  }
  const down = taps.wire(simulation, machine, 'in', ends.down);
  wire.up.connect(taps.wire(simulation, wire.up.place, 'out', ends.up));
  wire.down.connect(taps.wire(simulation, wire.down.place, 'in', down));
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
