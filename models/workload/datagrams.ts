import type { Chance, Stream as Draws } from '../../sim/random.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { EndpointHost } from '../network/endpoint-host.ts';
import type { TcpIdentity } from '../network/tcp-end.ts';
import type { Observations } from '../observations.ts';
import { beginningNs } from './beginning.ts';
import { DatagramFlow, pickFlow, type DatagramContext, type DatagramPlay } from './datagram-flow.ts';
import { otherEnd, type FlowEnds, type PassageQuestion } from './flow-ends.ts';
import { drawIntervalNs, type Interval } from './interval.ts';
import { scheduleAwake } from './schedule-awake.ts';

/** Flows of datagrams between two machines. */
export interface DatagramsSettings {
  readonly name: string;
  /** Who sends first. */
  readonly initiator: 'peer' | 'vm';
  readonly port: number;
  readonly flows: number;
  /** Flows begin evenly spread over [startNs, startNs + rampNs]; nothing new is sent after stopNs. */
  readonly startNs: number;
  readonly rampNs: number;
  readonly stopNs: number;
  readonly rebind: Rebind;
}

/** When the initiator goes on from another port, as after a NAT forgot it or its network changed (RFC 9000, 9). */
export type Rebind =
  { readonly kind: 'never' | 'every-question' } | { readonly kind: 'after'; readonly interval: Interval };

/** What the flows of a workload are built with. */
export interface DatagramsParts {
  readonly settings: DatagramsSettings;
  readonly ends: FlowEnds;
  /** The machines from which the initiator sends, in turn. */
  readonly paths: readonly EndpointHost[];
  readonly firstFlow: number;
  /** What goes over a flow. */
  readonly play: (context: DatagramContext, flow: DatagramFlow) => DatagramPlay;
  readonly simulation: Simulation;
  readonly chance: Chance;
  readonly observations: Observations;
}

/** Flows of datagrams, each with its play. */
export class Datagrams implements DatagramContext {
  readonly name: string;
  readonly ends: FlowEnds;
  readonly initiator: 'peer' | 'vm';
  readonly port: number;
  readonly paths: readonly EndpointHost[];
  readonly simulation: Simulation;
  readonly observations: Observations;
  private readonly parts: DatagramsParts;
  private readonly moves: Draws;
  private readonly flows: DatagramFlow[] = [];

  constructor(parts: DatagramsParts) {
    const { settings } = parts;
    this.parts = parts;
    this.name = settings.name;
    this.ends = parts.ends;
    this.initiator = settings.initiator;
    this.port = settings.port;
    this.paths = parts.paths;
    this.simulation = parts.simulation;
    this.observations = parts.observations;
    this.moves = parts.chance.stream(settings.name, 'rebind');
  }

  /** Listens, and schedules the beginning of every flow. */
  start(): void {
    const { settings, firstFlow, ends } = this.parts;
    const server = otherEnd(settings.initiator);
    ends[server].bindUdp(settings.port, (packet) => {
      this.flows[packet.flow - firstFlow]?.receive(server, packet);
    });
    for (let index = 0; index < settings.flows; index++) {
      const atNs = beginningNs(settings.startNs, settings.rampNs, index, settings.flows);
      const flow = new DatagramFlow(this, firstFlow + index);
      this.flows.push(flow);
      const { clock } = ends[settings.initiator];
      scheduleAwake(this.simulation, clock, atNs, begin, { owner: this, flow, moves: 0 });
    }
  }

  publishStates(wouldPass: PassageQuestion): void {
    for (const flow of this.flows) flow.publishState(wouldPass);
  }

  /** A flow that an attacker may know of, by a uniform draw. */
  target(u: number): TcpIdentity | null {
    return pickFlow(this.flows, u);
  }

  begin(flow: DatagramFlow): void {
    flow.open(this.parts.play(this, flow));
    this.awaitMove(flow, 0);
  }

  /** The initiator goes on from another port. */
  move(flow: DatagramFlow, moves: number): void {
    if (this.simulation.nowNs > this.parts.settings.stopNs) return;
    flow.move();
    this.awaitMove(flow, moves + 1);
  }

  private awaitMove(flow: DatagramFlow, moves: number): void {
    const { rebind } = this.parts.settings;
    if (rebind.kind !== 'after') return;
    const afterNs = drawIntervalNs(rebind.interval, this.moves.uniform2(flow.flow, moves));
    this.ends[this.initiator].clock.schedule(afterNs, move, { owner: this, flow, moves });
  }
}

interface FlowEvent {
  readonly owner: Datagrams;
  readonly flow: DatagramFlow;
  readonly moves: number;
}

function begin({ owner, flow }: FlowEvent): void {
  owner.begin(flow);
}

function move({ owner, flow, moves }: FlowEvent): void {
  owner.move(flow, moves);
}
