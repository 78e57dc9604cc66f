import { Link } from '../../../models/network/link.ts';
import { packetFrame } from '../../../models/network/frame.ts';
import { partOf, type Packet } from '../../../models/network/packet.ts';
import type { StatefulFirewall } from '../../../models/security/stateful-firewall.ts';
import type { Chance } from '../../../sim/random.ts';
import type { Simulation } from '../../../sim/simulation.ts';
import { passFrames } from './frame-passage.ts';

export type Side = 'client' | 'vm';

/** Data of a flow that the cut met on their way: what had been acknowledged by then, and what had arrived. */
export interface InterruptedData {
  readonly from: Side;
  readonly acknowledgedBytes: number;
  readonly deliveredBytes: number;
}

/**
 * The way between the two sides: a wire, the firewall that is switched in, a wire. Every packet goes through the
 * firewall frame by frame, as without segmentation offload, and what is left of it arrives in one piece.
 */
export class FirewallPath {
  private readonly simulation: Simulation;
  private readonly wires: Readonly<Record<Side, { readonly in: Link; readonly out: Link }>>;
  private firewall: StatefulFirewall | null = null;
  /** Flows that were cut before the path was. */
  private readonly cutFlows = new Set<number>();
  private readonly interrupted = new Map<number, InterruptedData>();

  /** `oneWayNs`: from one side to the other. What arrives at a side goes to its receiver. */
  constructor(
    simulation: Simulation,
    chance: Chance,
    oneWayNs: number,
    receivers: Record<Side, (packet: Packet) => void>,
  ) {
    this.simulation = simulation;
    const wire = (name: string, receive: (packet: Packet) => void): Link => {
      const link = new Link(
        simulation,
        name,
        { ...fastWire, delayNs: oneWayNs / 2 },
        chance.stream(name, 'loss'),
        ignore,
      );
      link.connect({
        send: ({ packet }) => {
          receive(packet!);
        },
      });
      return link;
    };
    this.wires = {
      client: {
        in: wire('client in', (packet) => {
          this.forward('client', packet);
        }),
        out: wire('client out', receivers.client),
      },
      vm: {
        in: wire('vm in', (packet) => {
          this.forward('vm', packet);
        }),
        out: wire('vm out', receivers.vm),
      },
    };
  }

  /** Takes a packet from one side. */
  send(from: Side, packet: Packet): void {
    this.wires[from].in.send(packetFrame(packet, 1, 2));
  }

  /** Puts this firewall between the sides; null cuts them from each other. */
  switchTo(firewall: StatefulFirewall | null): void {
    this.firewall = firewall;
    this.cutFlows.clear();
    this.interrupted.clear();
  }

  /** Cuts one flow, until the path is switched. */
  cutFlow(flow: number): void {
    this.cutFlows.add(flow);
  }

  /** Lets the next data of a flow through as far as they came before the cut, which is at once. */
  interruptFlow(flow: number, data: InterruptedData): void {
    this.interrupted.set(flow, data);
  }

  private forward(from: Side, packet: Packet): void {
    if (this.firewall === null || this.cutFlows.has(packet.flow)) return;
    const data = this.interrupted.get(packet.flow);
    if (data?.from === from && packet.payloadBytes > 0) this.forwardInterrupted(data, packet);
    else this.inspect(this.firewall, from, packet);
  }

  private forwardInterrupted(data: InterruptedData, packet: Packet): void {
    const { from, acknowledgedBytes, deliveredBytes } = data;
    const firewall = this.firewall!;
    this.interrupted.delete(packet.flow);
    const acknowledged = Math.min(acknowledgedBytes, packet.payloadBytes);
    if (acknowledged > 0) this.inspect(firewall, from, partOf(packet, 0, acknowledged));
    this.simulation.schedule(
      acknowledgementNs,
      () => {
        const delivered = Math.min(deliveredBytes, packet.payloadBytes);
        if (delivered > acknowledged) this.inspect(firewall, from, partOf(packet, acknowledged, delivered));
        this.cutFlow(packet.flow);
      },
      null,
    );
  }

  private inspect(firewall: StatefulFirewall, from: Side, packet: Packet): void {
    const to = from === 'client' ? 'vm' : 'client';
    passFrames(firewall, packet, passages[from], this.simulation.nowNs, (left) => {
      this.leave(to, left);
    });
  }

  private leave(to: Side, packet: Packet): void {
    this.wires[to].out.send(packetFrame(packet, 2, 1));
  }
}

/** Interfaces as the recorded rules name them. */
const passages = {
  client: { inInterface: 'ext0', outInterface: 'int0' },
  vm: { inInterface: 'int0', outInterface: 'ext0' },
} as const;

/** A veth pair has no rate; fast enough for a burst to be on its way at once. */
const fastWire = { rateBps: 100e9, queueBytes: 1e9, lossPerFrame: 0 };

/** By then what was acknowledged before the cut is. */
const acknowledgementNs = 200_000;

function ignore(): void {
  // A queue of a gigabyte drops nothing.
}
