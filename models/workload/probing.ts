import type { EventHandle } from '../../sim/event-queue.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { udpPacket } from '../network/udp-endpoint.ts';
import type { Observations } from '../observations.ts';
import type { FlowEnds } from './flow-ends.ts';

/** A UDP echo request every period from a peer to a VM; lost when unanswered at its deadline. */
export interface ProbingSettings {
  readonly name: string;
  readonly port: number;
  readonly periodNs: number;
  readonly deadlineNs: number;
  readonly startNs: number;
  readonly stopNs: number;
}

interface Outstanding {
  readonly owner: Probing;
  readonly index: number;
  readonly sentNs: number;
}

/** Probes that see how long a VM is unreachable, to one period. */
export class Probing {
  private readonly settings: ProbingSettings;
  private readonly ends: FlowEnds;
  private readonly flow: number;
  private readonly simulation: Simulation;
  private readonly observations: Observations;
  private readonly deadlines = new Map<number, EventHandle>();
  private readonly sentNs = new Map<number, number>();
  private sent = 0;
  /** Of the peer's end; 0 before the first probe. */
  private port = 0;

  constructor(
    settings: ProbingSettings,
    ends: FlowEnds,
    flow: number,
    simulation: Simulation,
    observations: Observations,
  ) {
    this.settings = settings;
    this.ends = ends;
    this.flow = flow;
    this.simulation = simulation;
    this.observations = observations;
  }

  start(): void {
    this.ends.vm.echoUdp(this.settings.port);
    this.simulation.scheduleAt(this.settings.startNs, begin, this);
  }

  /** Takes a port that no service has, and sends the first probe. */
  begin(): void {
    const { peer } = this.ends;
    this.port = peer.freeUdpPort(peer.portOf(this.flow));
    peer.bindUdp(this.port, (packet) => this.ended(packet.fragmentId, true));
    this.send();
  }

  publishStates(): void {
    for (const index of [...this.deadlines.keys()]) this.ended(index, false);
  }

  /** Sends the next probe. */
  send(): void {
    const { ends, settings, simulation, flow } = this;
    const index = this.sent++;
    const outstanding: Outstanding = { owner: this, index, sentNs: simulation.nowNs };
    this.sentNs.set(index, simulation.nowNs);
    this.deadlines.set(index, simulation.schedule(settings.deadlineNs, expire, outstanding));
    ends.peer.emit(
      udpPacket({
        source: ends.peer.address,
        sourcePort: this.port,
        destination: ends.vm.address,
        destinationPort: settings.port,
        payloadBytes: 64,
        index,
        flow,
        intent: 'legitimate',
      }),
    );
    if (simulation.nowNs + settings.periodNs <= settings.stopNs)
      simulation.schedule(settings.periodNs, send, this);
  }

  /** An answer has come, or the deadline; the first of them counts. */
  ended(index: number, answered: boolean): void {
    const deadline = this.deadlines.get(index);
    const sentNs = this.sentNs.get(index);
    if (deadline === undefined || sentNs === undefined) return;
    this.simulation.cancel(deadline);
    this.deadlines.delete(index);
    this.sentNs.delete(index);
    const { name } = this.settings;
    this.observations.probeEnded.publish({ workload: name, index, sentNs, answered });
  }
}

function begin(probing: Probing): void {
  probing.begin();
}

function send(probing: Probing): void {
  probing.send();
}

function expire({ owner, index }: Outstanding): void {
  owner.ended(index, false);
}
