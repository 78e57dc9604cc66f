import type { Simulation } from '../../sim/simulation.ts';
import type { Address } from '../network/address.ts';
import type { EndpointHost } from '../network/endpoint-host.ts';
import {
  announcementFrame,
  packetFrame,
  tunnelFrame,
  type Frame,
  type FrameSink,
  type Mac,
} from '../network/frame.ts';
import type { NeighbourTable } from '../network/neighbour-table.ts';
import { assert } from '../../sim/assert.ts';
import type { Packet } from '../network/packet.ts';
import type { Observations } from '../observations.ts';
import type { TunnelMap } from '../network/tunnel-map.ts';
import type { EspEnd } from '../security/esp-end.ts';
import type { TrafficLedger } from './traffic-ledger.ts';

export interface PeerSetup {
  readonly simulation: Simulation;
  readonly observations: Observations;
  readonly ledger: TrafficLedger;
  readonly neighbours: NeighbourTable;
  readonly name: string;
  readonly mac: Mac;
  readonly address: Address;
  /** Where its frames leave. */
  readonly output: FrameSink;
  /** Its tunnels, with the outer headers of each frame; null where VMs are on the network themselves. */
  readonly overlay: { readonly map: TunnelMap; readonly tunnelBytes: number } | null;
}

/** A machine outside: endpoints behind one network interface, with no engine of its own. */
export class Peer implements FrameSink {
  readonly name: string;
  readonly mac: Mac;
  readonly address: Address;
  private readonly setup: PeerSetup;
  private installed: EndpointHost | null = null;
  /** Protects what it exchanges with VMs by IPsec; null without. */
  private esp: EspEnd | null = null;

  constructor(setup: PeerSetup) {
    this.setup = setup;
    this.name = setup.name;
    this.mac = setup.mac;
    this.address = setup.address;
  }

  /** Gives the peer its network stack, once. */
  install(stack: EndpointHost): void {
    assert(this.installed === null, 'a peer has one network stack');
    this.installed = stack;
  }

  get stack(): EndpointHost {
    assert(this.installed !== null, 'a peer has its network stack before it runs');
    return this.installed;
  }

  /** From now on packets to and from VMs are carried by ESP. */
  secure(esp: EspEnd): void {
    this.esp = esp;
  }

  /** Lets switches learn where it is. */
  announce(): void {
    this.setup.output.send(announcementFrame('gratuitous-arp', this.mac, this.address));
  }

  transmit(plain: Packet): void {
    const { ledger, neighbours, simulation, name, output, overlay } = this.setup;
    const packet = this.esp?.protect(plain) ?? plain;
    ledger.sent(packet);
    const mac = neighbours.macOf(packet.destination);
    if (mac === null) {
      ledger.dropped(packet, 'unroutable', name, simulation.nowNs);
      return;
    }
    ledger.entered(packet);
    if (overlay === null) output.send(packetFrame(packet, this.mac, mac));
    else output.send(tunnelFrame(packet, this.mac, overlay.map.endOf(mac) ?? mac, overlay.tunnelBytes));
  }

  /** A frame from the network. */
  send(frame: Frame): void {
    const carried = frame.packet;
    if (carried === null) return;
    const { ledger, observations, simulation, name } = this.setup;
    ledger.left(carried);
    if (frame.destinationMac !== this.mac) {
      ledger.filtered(carried);
      return;
    }
    const packet = this.esp === null ? carried : this.esp.accept(carried);
    if (packet === null) {
      ledger.dropped(carried, 'replay', name, simulation.nowNs);
      return;
    }
    ledger.delivered(packet);
    if (observations.packetDelivered.observed) {
      observations.packetDelivered.publish({ timeNs: simulation.nowNs, place: name, to: 'peer', packet });
    }
    this.stack.deliver(packet);
  }
}
