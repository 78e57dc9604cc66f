import type { Simulation } from '../../sim/simulation.ts';
import { packetFrame, type Frame, type FrameSink, type Mac } from '../network/frame.ts';
import type { NeighbourTable } from '../network/neighbour-table.ts';
import type { Packet } from '../network/packet.ts';
import type { Switch, SwitchPort } from '../network/switch.ts';
import { GuestPort, type PacketSink, type PortSurroundings } from './guest-port.ts';
import type { TrafficLedger } from './traffic-ledger.ts';

/** What the interfaces of a host have in common. */
export interface BridgedHost {
  readonly simulation: Simulation;
  readonly ledger: TrafficLedger;
  readonly neighbours: NeighbourTable;
  readonly name: string;
  readonly bridge: Switch;
  /** Takes a packet for a MAC into a tunnel; null where VMs are on the network themselves. */
  readonly tunnel: ((packet: Packet, mac: Mac) => void) | null;
}

/** A VM's interface on a host at the bridge there: frames become packets for the guest's port, and back. */
export class BridgedInterface implements FrameSink, PacketSink {
  readonly port: GuestPort;
  readonly bridgePort: SwitchPort;
  private readonly mac: Mac;
  private readonly host: BridgedHost;

  constructor(host: BridgedHost, surroundings: Omit<PortSurroundings, 'bridge'>) {
    this.mac = surroundings.vm.mac;
    this.host = host;
    this.port = new GuestPort({ ...surroundings, bridge: this });
    this.bridgePort = host.bridge.attach(this, false);
  }

  /** A frame from the bridge. */
  send(frame: Frame): void {
    if (frame.packet === null) return;
    const { ledger } = this.host;
    ledger.left(frame.packet);
    if (frame.destinationMac === this.mac) this.port.receive(frame.packet);
    else ledger.filtered(frame.packet);
  }

  /** A packet of the guest. */
  take(packet: Packet): void {
    const { neighbours, ledger, simulation, name, tunnel } = this.host;
    const mac = neighbours.macOf(packet.destination);
    if (mac === null) {
      ledger.dropped(packet, 'unroutable', name, simulation.nowNs);
      return;
    }
    if (tunnel !== null) {
      tunnel(packet, mac);
      return;
    }
    ledger.entered(packet);
    this.bridgePort.send(packetFrame(packet, this.mac, mac));
  }
}
