import type { Simulation } from '../../sim/simulation.ts';
import { packetFrame, takeWhole, type Frame, type FrameSink, type Mac } from '../network/frame.ts';
import type { Packet } from '../network/packet.ts';
import type { TrafficLedger } from './traffic-ledger.ts';

export interface NatGatewaySetup {
  readonly simulation: Simulation;
  readonly ledger: TrafficLedger;
  readonly mac: Mac;
  /** The interface of the VM that a packet to the outer address is for; null when there is no mapping. */
  readonly ownerOf: (packet: Packet) => Mac | null;
}

/**
 * Where the outer address of VMs is that does not move with them: passes what arrives there on to the VM it is for.
 * Its table is the NAT engine that every host shares; what leaves is translated there and takes the short way out.
 */
export class NatGateway implements FrameSink {
  private readonly setup: NatGatewaySetup;
  private output: FrameSink | null = null;

  constructor(setup: NatGatewaySetup) {
    this.setup = setup;
  }

  connect(output: FrameSink): void {
    this.output = output;
  }

  send(frame: Frame): void {
    takeWhole(this.setup.simulation, frame, this.take);
  }

  private readonly take = (frame: Frame): void => {
    const { packet, destinationMac } = frame;
    if (packet === null) return;
    const { ledger, mac, ownerOf, simulation } = this.setup;
    ledger.left(packet);
    if (destinationMac !== mac) {
      ledger.filtered(packet);
      return;
    }
    const owner = ownerOf(packet);
    if (owner === null) {
      ledger.dropped(packet, 'no-entry', 'gateway', simulation.nowNs);
      return;
    }
    ledger.entered(packet);
    this.output?.send(packetFrame(packet, mac, owner));
  };
}
