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

/** A probe that nobody has answered yet. */
interface Outstanding {
  readonly sentNs: number;
  readonly deadline: EventHandle;
}

/** Probes that see how long a VM is unreachable, to one period. */
export class Probing {
  private readonly settings: ProbingSettings;
  private readonly ends: FlowEnds;
  private readonly flow: number;
  private readonly simulation: Simulation;
  private readonly observations: Observations;
  /** By their index. */
  private readonly outstanding = new Map<number, Outstanding>();
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
    for (const index of [...this.outstanding.keys()]) this.ended(index, false);
  }

  /** Sends the next probe. */
  send(): void {
    const { ends, settings, simulation, flow } = this;
    const index = this.sent++;
    const deadline = simulation.schedule(settings.deadlineNs, expire, { owner: this, index });
    this.outstanding.set(index, { sentNs: simulation.nowNs, deadline });
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
    const probe = this.outstanding.get(index);
    if (probe === undefined) return;
    this.simulation.cancel(probe.deadline);
    this.outstanding.delete(index);
    const { sentNs } = probe;
    this.observations.probeEnded.publish({ workload: this.settings.name, index, sentNs, answered });
  }
}

function begin(probing: Probing): void {
  probing.begin();
}

function send(probing: Probing): void {
  probing.send();
}

function expire({ owner, index }: { readonly owner: Probing; readonly index: number }): void {
  owner.ended(index, false);
}
