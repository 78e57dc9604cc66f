import { assert } from '../../sim/assert.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { ipv4 } from '../network/address.ts';
import type { AnnouncementKind, Frame, Mac } from '../network/frame.ts';
import { announcementFrame, broadcastMac, tunnelFrame } from '../network/frame.ts';
import type { NeighbourTable } from '../network/neighbour-table.ts';
import type { Packet } from '../network/packet.ts';
import type { Switch, SwitchPort } from '../network/switch.ts';
import type { LocationController, TunnelMap } from '../network/tunnel-map.ts';
import type { Observations } from '../observations.ts';
import type { Reference } from '../security/reference.ts';
import type { Policy, SecurityEngine } from '../security/security-engine.ts';
import type { HostCpu } from './host-cpu.ts';
import { BridgedInterface, type BridgedHost } from './bridged-interface.ts';
import type { GuestPort } from './guest-port.ts';
import type { TrafficLedger } from './traffic-ledger.ts';
import type { VirtualMachine } from './virtual-machine.ts';

export interface HostSetup {
  readonly simulation: Simulation;
  readonly ledger: TrafficLedger;
  readonly neighbours: NeighbourTable;
  readonly name: string;
  /** The address under which other hosts send what they redirect. */
  readonly mac: Mac;
  readonly memoryBytes: number;
  /** Multiplies the CPU time of every export, import and inspection. */
  readonly costScale: number;
  readonly engines: readonly SecurityEngine[];
  readonly cpu: HostCpu;
  /** The virtual switch: a learner of its own. */
  readonly bridge: Switch;
  /** Name of the VM that a packet to an address of the host itself is for; null when it is for none. */
  readonly ownerOf: (packet: Packet) => string | null;
  /** Tunnels to other machines; null where VMs are on the network themselves. */
  readonly overlay: HostOverlay | null;
}

/** A host's part of an overlay network. */
export interface HostOverlay {
  readonly map: TunnelMap;
  /** Outer headers of each frame. */
  readonly tunnelBytes: number;
  /** Told where VMs announce themselves. */
  readonly controller: LocationController;
}

/** A host has no address that a frame would announce. */
const nowhere = ipv4(0);

/** A hypervisor that filters its guests' traffic: memory, a virtual switch, and a chain of security engines. */
export class Host {
  readonly name: string;
  readonly mac: Mac;
  readonly engines: readonly SecurityEngine[];
  readonly memoryBytes: number;
  readonly cpu: HostCpu;
  /** Whether it takes VMs in. */
  accepts = true;
  /** Multiplies the CPU time of context work; beside the host's own scale, for as long as it is slow. */
  slowness = 1;
  private readonly setup: HostSetup;
  private readonly interfaces = new Map<string, BridgedInterface>();
  private readonly reservedBytes = new Map<string, number>();
  private readonly hostPort: SwitchPort;
  private readonly bridged: BridgedHost;

  constructor(setup: HostSetup) {
    this.setup = setup;
    this.name = setup.name;
    this.mac = setup.mac;
    this.engines = setup.engines;
    this.memoryBytes = setup.memoryBytes;
    this.cpu = setup.cpu;
    const { simulation, ledger, neighbours, name, bridge, overlay } = setup;
    const tunnel = overlay && ((packet: Packet, mac: Mac) => this.tunnel(packet, mac, overlay));
    this.bridged = { simulation, ledger, neighbours, name, bridge, tunnel };
    this.hostPort = setup.bridge.attach({ send: (frame) => this.receiveRedirected(frame) }, false);
  }

  /** Multiplies the CPU time of exports and imports. */
  get costScale(): number {
    return this.setup.costScale * this.slowness;
  }

  get memoryFreeBytes(): number {
    let reserved = 0;
    for (const bytes of this.reservedBytes.values()) reserved += bytes;
    return this.memoryBytes - reserved;
  }

  /** Whether the VM is here, or has memory set aside to come. */
  has(vm: VirtualMachine): boolean {
    return this.reservedBytes.has(vm.name);
  }

  /** Sets memory aside for a VM; false when there is not enough. */
  reserve(vm: VirtualMachine): boolean {
    assert(!this.reservedBytes.has(vm.name), 'memory for a VM is set aside once');
    if (vm.memoryBytes > this.memoryFreeBytes) return false;
    this.reservedBytes.set(vm.name, vm.memoryBytes);
    return true;
  }

  release(vm: VirtualMachine): void {
    assert(this.reservedBytes.delete(vm.name), 'only memory that was set aside is released');
  }

  /** The VM's interface on this host, plugged in when it is asked for first. */
  port(vm: VirtualMachine, reference: Reference): GuestPort {
    const known = this.interfaces.get(vm.name);
    if (known !== undefined) return known.port;
    const plugged = new BridgedInterface(this.bridged, {
      simulation: this.setup.simulation,
      ledger: this.setup.ledger,
      host: this.name,
      engines: this.engines,
      reference,
      vm,
      hostCpu: this.cpu,
      guestCpu: this.cpu.addGuest(vm.cpu, vm.clock),
    });
    this.interfaces.set(vm.name, plugged);
    return plugged.port;
  }

  /** A controller's update: a host that neither had the VM nor expects it ignores it, one that has a newer policy as well. */
  updatePolicy(vm: VirtualMachine, policy: Policy & { readonly kind: 'rules' }): void {
    if (!this.interfaces.has(vm.name) && !this.reservedBytes.has(vm.name)) return;
    for (const engine of this.engines) {
      const present = engine.policy(vm);
      if (present.kind !== 'rules' || present.version <= policy.version) engine.setPolicy(vm, policy);
    }
  }

  /** Tells the network that the VM is here, with a frame; in an overlay the controller, who tells all others. */
  announce(vm: VirtualMachine, kind: AnnouncementKind, { announced }: Observations): void {
    if (this.setup.overlay !== null) {
      this.setup.overlay.controller.announced(vm.mac, this.mac);
      return;
    }
    const frame = announcementFrame(kind, vm.mac, vm.address);
    announced.publish({ timeNs: this.setup.simulation.nowNs, vm: vm.name, host: this.name, frame });
    this.interfaceOf(vm).bridgePort.send(frame);
  }

  /** Lets switches learn where the host itself is: the end of its tunnels. */
  announceItself(): void {
    this.hostPort.send(announcementFrame('rarp', this.mac, nowhere));
  }

  /** Its bridge knows nobody's place any more, as after a loss of power. */
  forgetPlaces(): void {
    this.setup.bridge.forget();
  }

  /** Whether this host sends the VM's packets to the VM's interface here. */
  findsHere(vm: VirtualMachine): boolean {
    if (this.setup.overlay !== null) return this.setup.overlay.map.endOf(vm.mac) === this.mac;
    return this.setup.bridge.portOf(vm.mac) === this.interfaceOf(vm).bridgePort.index;
  }

  /** Sends a packet on to another host, where the VM now runs. */
  redirect(packet: Packet, to: Host): void {
    this.setup.ledger.entered(packet);
    const tunnelBytes = this.setup.overlay?.tunnelBytes ?? 0;
    this.hostPort.send(tunnelFrame(packet, this.mac, to.mac, tunnelBytes));
  }

  /** To the VM's interface here, to the host behind which it is, or to a machine that is no VM. */
  private tunnel(packet: Packet, mac: Mac, { map, tunnelBytes }: HostOverlay): void {
    const end = map.endOf(mac) ?? mac;
    if (end === this.mac) {
      this.toInterface(packet, mac);
      return;
    }
    this.setup.ledger.entered(packet);
    this.hostPort.send(tunnelFrame(packet, this.mac, end, tunnelBytes));
  }

  private receiveRedirected(frame: Frame): void {
    const packet = frame.packet;
    if (packet === null) return;
    const { ledger, neighbours } = this.setup;
    ledger.left(packet);
    if (frame.destinationMac !== this.mac || frame.destinationMac === broadcastMac) {
      ledger.filtered(packet);
      return;
    }
    this.toInterface(packet, neighbours.macOf(packet.destination));
  }

  private toInterface(packet: Packet, mac: Mac | null): void {
    const own = mac === this.mac;
    const owner = own ? this.setup.ownerOf(packet) : null;
    for (const { port } of this.interfaces.values()) {
      if (port.vm.mac === mac || port.vm.name === owner) {
        port.receive(packet);
        return;
      }
    }
    const { ledger, simulation } = this.setup;
    ledger.dropped(packet, own ? 'no-entry' : 'unroutable', this.name, simulation.nowNs);
  }

  private interfaceOf(vm: VirtualMachine): BridgedInterface {
    const plugged = this.interfaces.get(vm.name);
    assert(plugged !== undefined, 'the VM has an interface on this host');
    return plugged;
  }
}
