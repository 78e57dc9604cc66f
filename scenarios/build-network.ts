import { Host } from '../models/compute/host.ts';
import { HostCpu } from '../models/compute/host-cpu.ts';
import { Peer } from '../models/compute/peer.ts';
import type { Learners } from '../models/migration/learners.ts';
import { EndpointHost } from '../models/network/endpoint-host.ts';
import type { FluidMedium } from '../models/network/fluid-medium.ts';
import { FluidNetwork } from '../models/network/fluid-network.ts';
import type { Mac } from '../models/network/frame.ts';
import type { Link } from '../models/network/link.ts';
import { NeighbourTable } from '../models/network/neighbour-table.ts';
import type { Packet } from '../models/network/packet.ts';
import { Switch, type SwitchObserver } from '../models/network/switch.ts';
import { LocationController, TunnelMap } from '../models/network/tunnel-map.ts';
import { Engines } from './build-engines.ts';
import { buildGateways, espEnd } from './build-outside.ts';
import { buildMiddleboxes, buildWire, plugIn, wireEnd, wireStart } from './build-wires.ts';
import type { PlacedBox, Wire } from './build-wires.ts';
import type { Building } from './building.ts';
import type { HostSpec, PeerSpec, Scenario } from './scenario.ts';

/** Hosts, peers and what connects them: one switch, and the links to it. */
export interface Network {
  readonly hosts: ReadonlyMap<string, Host>;
  readonly peers: ReadonlyMap<string, Peer>;
  readonly neighbours: NeighbourTable;
  readonly fluid: FluidNetwork;
  readonly middleboxes: readonly PlacedBox[];
  readonly engines: Engines;
  /**
   * The links that a migration's streams cross, and the CPUs that copy: at both ends, or at the destination alone
   * where a thread at the source has CPU time of its own.
   */
  migrationPath(source: Host, destination: Host, byThread: boolean): readonly FluidMedium[];
  /** Both directions of a host's cable for its VMs, or of the one that its migrations use. */
  linksOf(host: string, which: 'vms' | 'migrations'): readonly Link[];
  /** The host's bridge forgets where everybody is, and sends nothing astray any more. */
  forgetPlaces(host: string): void;
}

/** Where the MACs of hosts, peers and VMs begin, and those of gateways after them. */
export function firstMacs({
  hosts,
  peers,
  virtualMachines,
}: Scenario): Readonly<Record<'hosts' | 'peers' | 'guests' | 'gateways', Mac>> {
  const guests = 1 + hosts.length + peers.length;
  return { hosts: 1, peers: 1 + hosts.length, guests, gateways: guests + virtualMachines.length };
}

/** What all machines of a network are connected with. */
interface Fabric {
  readonly building: Building;
  readonly learners: Learners;
  readonly switch: Switch;
  readonly observer: SwitchObserver;
  readonly neighbours: NeighbourTable;
  readonly boxes: readonly PlacedBox[];
  readonly engines: Engines;
  /** Null where VMs are on the network themselves. */
  readonly overlay: { readonly controller: LocationController; readonly tunnelBytes: number } | null;
}

/** A host, the cable that its migrations use and that of its VMs. */
interface BuiltHost {
  readonly host: Host;
  readonly wire: Wire;
  readonly ownWire: Wire;
}

export function buildNetwork(building: Building, learners: Learners): Network {
  const { scenario, simulation } = building;
  const fabric = buildFabric(building, learners);
  building.taps?.know(fabric.neighbours);
  const macs = firstMacs(scenario);
  const hosts = scenario.hosts.map((spec, index) => buildHost(fabric, spec, macs.hosts + index));
  const byName = new Map(hosts.map((built) => [built.host.name, built]));
  const peers = scenario.peers.map((spec, index) => buildPeer(fabric, spec, macs.peers + index));
  buildGateways(building, fabric.engines, fabric.switch, fabric.neighbours, macs.gateways);
  return {
    hosts: new Map(hosts.map(({ host }) => [host.name, host])),
    peers: new Map(peers.map((peer) => [peer.name, peer])),
    neighbours: fabric.neighbours,
    fluid: new FluidNetwork(simulation, {
      intervalNs: scenario.sharingIntervalNs,
      age: scenario.tcp.age,
      start: scenario.streamStart,
    }),
    middleboxes: fabric.boxes,
    engines: fabric.engines,
    migrationPath: (source, destination, byThread) => [
      byName.get(source.name)!.wire.up,
      byName.get(destination.name)!.wire.down,
      ...[...(byThread ? [] : [source.cpu.copying]), destination.cpu.copying].filter((cpu) => cpu.costs),
    ],
    linksOf: (host, which) => {
      const { wire, ownWire } = byName.get(host)!;
      const { up, down } = which === 'vms' ? ownWire : wire;
      return [up, down];
    },
    forgetPlaces: (host) => {
      byName.get(host)!.host.forgetPlaces();
      learners.check();
    },
  };
}

function buildFabric(building: Building, learners: Learners): Fabric {
  const { scenario, simulation, ledger, observations } = building;
  const { guests } = firstMacs(scenario);
  const learnt = (place: string, mac: number): void => {
    const vm = scenario.virtualMachines[mac - guests]?.name;
    if (vm !== undefined) observations.locationLearnt.publish({ timeNs: simulation.nowNs, place, vm });
    learners.check();
  };
  const flooded = new WeakSet<Packet>();
  const observer: SwitchObserver = {
    learnt: (mac, _port, place) => learnt(place, mac),
    forwarded: ({ packet }, place, copies) => {
      if (packet === null) return;
      if (copies > 1) flooded.add(packet);
      if (copies > 0) ledger.copied(packet, copies - 1);
      else {
        ledger.left(packet);
        // Of a flooded packet another copy has gone where this one came from, or elsewhere.
        const cause = flooded.has(packet) ? 'duplicate' : 'unroutable';
        ledger.dropped(packet, cause, place, simulation.nowNs);
      }
    },
  };
  const { overlay } = scenario;
  return {
    building,
    learners,
    observer,
    engines: new Engines(building),
    switch: new Switch(simulation, 'switch', scenario.switchLearnNs, observer),
    neighbours: new NeighbourTable(),
    boxes: buildMiddleboxes(building),
    overlay:
      overlay === 'none'
        ? null
        : {
            controller: new LocationController(simulation, overlay.learn, learnt),
            tunnelBytes: overlay.encapsulationBytes,
          },
  };
}

function buildHost(fabric: Fabric, spec: HostSpec, mac: number): BuiltHost {
  const { building, learners, observer, neighbours, engines } = fabric;
  const { simulation, ledger } = building;
  const bridge = new Switch(simulation, `${spec.name}/bridge`, 0, observer);
  const wire = buildWire(building, spec.name, spec.link, spec.returnLink);
  const uplink = bridge.attach(wireStart(building, spec.name, wire), true);
  const fabricPort = plugIn(building, spec.name, wire, fabric.boxes, (sink) =>
    fabric.switch.attach(sink, true),
  );
  wire.down.connect(wireEnd(building, spec.name, wire, uplink));
  const overlay = tunnelsOf(fabric, spec.name);
  const host = new Host({
    simulation,
    ledger,
    neighbours,
    name: spec.name,
    mac,
    memoryBytes: spec.memoryBytes,
    costScale: spec.costScale,
    engines: engines.chain(spec),
    ownerOf: (packet) => engines.ownerOf(spec.name, packet, simulation.nowNs),
    cpu: buildCpu(building, spec),
    bridge,
    overlay,
  });
  for (const address of engines.outerAddresses(spec.name)) neighbours.add(address, mac);
  if (overlay === null) {
    learners.add({
      // The switch has learnt when frames for the VM go to its host; the host's bridge when they go to the VM, or out.
      finds: (vm, at) => {
        if (at === host) return fabric.switch.portOf(vm.mac) === fabricPort.index && host.findsHere(vm);
        return bridge.portOf(vm.mac) === uplink.index || bridge.portOf(vm.mac) < 0;
      },
    });
  } else {
    simulation.schedule(0, announceHost, host);
  }
  if (spec.migrationLink === 'shared') return { host, wire, ownWire: wire };
  const own = buildWire(building, `${spec.name}/migration`, spec.migrationLink, spec.migrationLink);
  return { host, wire: own, ownWire: wire };
}

function buildCpu({ scenario, simulation, observations }: Building, spec: HostSpec): HostCpu {
  const { cpus, control, copyNsPerByte, packetsMax } = spec;
  return new HostCpu(
    { cpus, control, copyNsPerByte, packetsMax },
    { simulation, observations, host: spec.name, intervalNs: scenario.sharingIntervalNs },
  );
}

function buildPeer(fabric: Fabric, spec: PeerSpec, mac: number): Peer {
  const { building, neighbours } = fabric;
  const { simulation, observations, ledger } = building;
  const wire = buildWire(building, spec.name, spec.link, spec.returnLink);
  const { name, address } = spec;
  const overlay = tunnelsOf(fabric, name);
  const peer = new Peer({
    simulation,
    observations,
    ledger,
    neighbours,
    name,
    mac,
    address,
    overlay,
    output: wireStart(building, name, wire),
  });
  plugIn(building, name, wire, fabric.boxes, (sink) => fabric.switch.attach(sink, true));
  wire.down.connect(wireEnd(building, name, wire, peer));
  neighbours.add(address, mac);
  const esp = espEnd(building.scenario, spec);
  if (esp !== null) peer.secure(esp);
  peer.install(
    new EndpointHost(address, building.idle, simulation, simulation, (packet) => peer.transmit(packet)),
  );
  simulation.schedule(0, announce, peer);
  return peer;
}

/** A machine's own tunnel map, which learns from the controller where VMs are; null without an overlay. */
function tunnelsOf(
  { building, learners, overlay }: Fabric,
  name: string,
): { map: TunnelMap; tunnelBytes: number; controller: LocationController } | null {
  if (overlay === null) return null;
  const map = new TunnelMap();
  overlay.controller.subscribe(name, map, building.chance.stream(name, 'location updates'));
  learners.add({ finds: (vm, at) => map.endOf(vm.mac) === at.mac });
  return { map, controller: overlay.controller, tunnelBytes: overlay.tunnelBytes };
}

function announce(peer: Peer): void {
  peer.announce();
}

function announceHost(host: Host): void {
  host.announceItself();
}
