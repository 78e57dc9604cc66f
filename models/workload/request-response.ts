import type { Chance, Stream as Draws } from '../../sim/random.ts';
import { noEvent } from '../../sim/event-queue.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { TcpIdentity } from '../network/tcp-end.ts';
import type { TcpApplication, TcpOutcome } from '../network/tcp-application.ts';
import type { TcpEndpoint } from '../network/tcp-endpoint.ts';
import type { TimerClock } from '../network/timer-clock.ts';
import type { Observations } from '../observations.ts';
import type { FlowEnds, KnownConnections, PassageQuestion } from './flow-ends.ts';
import { drawIntervalNs, type Interval } from './interval.ts';

/** Long-lived TCP connections over which one end asks and the other answers, one request at a time. */
export interface RequestResponseSettings {
  readonly name: string;
  /** Who opens the connections. */
  readonly initiator: 'peer' | 'vm';
  /** Who asks once they are open. */
  readonly asks: 'peer' | 'vm';
  readonly port: number;
  readonly connections: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** From an answer to the next request, on the clock of who asks. */
  readonly think: Interval;
  /** Connections open evenly spread over [startNs, startNs + rampNs]; no new request is made after stopNs. */
  readonly startNs: number;
  readonly rampNs: number;
  readonly stopNs: number;
  readonly reconnect: Reconnect;
}

/** What the application at the initiating end does about a broken connection, by its own timers. */
export interface Reconnect {
  /** From a reset, a time-out or a refusal to the next try, on a new port; Infinity for never. */
  readonly afterNs: number;
  /** It gives a connection up on which a request of its own is unanswered for so long; Infinity for never. */
  readonly unansweredNs: number;
}

/**
 * Request and response over TCP, closed loop (like netperf TCP_RR with think time). Think times are drawn by
 * (flow, request), so that two schemes see the same ones. Flows are numbered from `firstFlow`.
 */
export class RequestResponse implements KnownConnections {
  readonly settings: RequestResponseSettings;
  readonly ends: FlowEnds;
  readonly simulation: Simulation;
  readonly observations: Observations;
  readonly draws: Draws;
  private readonly firstFlow: number;
  private readonly exchanges: Exchange[] = [];

  constructor(
    settings: RequestResponseSettings,
    ends: FlowEnds,
    firstFlow: number,
    simulation: Simulation,
    chance: Chance,
    observations: Observations,
  ) {
    this.settings = settings;
    this.ends = ends;
    this.firstFlow = firstFlow;
    this.simulation = simulation;
    this.observations = observations;
    this.draws = chance.stream(settings.name, 'think time');
  }

  /** Listens, and schedules the opening of every connection. */
  start(): void {
    const { settings, ends } = this;
    const server = settings.initiator === 'peer' ? ends.vm : ends.peer;
    server.listenTcp(settings.port, (syn) => this.exchangeOf(syn.flow));
    for (let index = 0; index < settings.connections; index++) {
      const shareOfRamp = settings.connections === 1 ? 0 : index / (settings.connections - 1);
      const atNs = settings.startNs + Math.round(settings.rampNs * shareOfRamp);
      const exchange = new Exchange(this, this.firstFlow + index);
      this.exchanges.push(exchange);
      this.simulation.scheduleAt(atNs, open, exchange);
    }
  }

  /** Publishes the state of each connection that was opened; asks without touching any. */
  publishStates(wouldPass: PassageQuestion): void {
    for (const exchange of this.exchanges) exchange.publishState(wouldPass);
  }

  live(u: number): TcpIdentity | null {
    return pick(this.exchanges, u, (exchange) => exchange.isOpen);
  }

  /** All of these connections speak by turns; those that wait for an answer or a request are silent for a while. */
  idle(u: number): TcpIdentity | null {
    return pick(this.exchanges, u, (exchange) => exchange.isOpen && exchange.owedSinceNs < 0);
  }

  closed(u: number): TcpIdentity | null {
    return pick(this.exchanges, u, (exchange) => exchange.isClosed);
  }

  private exchangeOf(flow: number): TcpApplication {
    return this.exchanges[flow - this.firstFlow] ?? refuse;
  }
}

function pick(
  exchanges: readonly Exchange[],
  u: number,
  wanted: (exchange: Exchange) => boolean,
): TcpIdentity | null {
  const candidates = exchanges.filter(wanted);
  return candidates[Math.floor(u * candidates.length)]?.peerIdentity ?? null;
}

/** One connection with the application at both of its ends. */
class Exchange implements TcpApplication {
  private readonly workload: RequestResponse;
  private readonly flow: number;
  private initiating: TcpEndpoint | null = null;
  private accepted: TcpEndpoint | null = null;
  private requests = 0;
  private responses = 0;
  private requestBytesReceived = 0;
  private responseBytesReceived = 0;
  private offeredNs = -1;
  private answersBegun = 0;
  /** Requests that have arrived, those counted once that a later connection repeats. */
  private requestsArrived = 0;
  /** The next request, and the end of the patience with the one under way. */
  private nextRequest = noEvent;
  private patience = noEvent;
  private attempts = 0;

  constructor(workload: RequestResponse, flow: number) {
    this.workload = workload;
    this.flow = flow;
  }

  get isOpen(): boolean {
    return this.accepted?.state === 'established' && this.initiating?.state === 'established';
  }

  get isClosed(): boolean {
    return this.initiating?.state === 'closed' || this.accepted?.state === 'closed';
  }

  /** When the message under way was offered, -1 when none is. */
  get owedSinceNs(): number {
    return this.offeredNs;
  }

  get peerIdentity(): TcpIdentity | null {
    return this.endOf('peer')?.identity ?? null;
  }

  open(): void {
    const { settings, ends, observations, simulation } = this.workload;
    observations.connectionOpened.publish({
      timeNs: simulation.nowNs,
      flow: this.flow,
      workload: settings.name,
      vm: ends.vmName,
      peer: ends.peerName,
      initiator: settings.initiator,
    });
    this.connect();
  }

  /** Opens the connection, or a new one in its place. */
  connect(): void {
    const { settings, ends } = this.workload;
    const fromPeer = settings.initiator === 'peer';
    const client = fromPeer ? ends.peer : ends.vm;
    const server = fromPeer ? ends.vm : ends.peer;
    const localPort = this.attempts === 0 ? client.portOf(this.flow) : laterPort(this.flow, this.attempts);
    this.initiating = client.connectTcp(localPort, server.address, settings.port, this.flow, this);
  }

  established(endpoint: TcpEndpoint): void {
    if (endpoint === this.initiating && this.attempts > 0) this.publishEnd('reconnected', endpoint);
    if (endpoint !== this.initiating) this.accepted = endpoint;
    if (endpoint === this.endOf(this.workload.settings.asks)) this.ask();
  }

  delivered(endpoint: TcpEndpoint, bytes: number): void {
    const { settings } = this.workload;
    if (endpoint !== this.initiating && endpoint !== this.accepted) return;
    if (endpoint === this.endOf(settings.asks)) {
      this.responseBytesReceived += bytes;
      while (this.responseBytesReceived >= (this.responses + 1) * settings.responseBytes) this.answered();
    } else {
      this.requestBytesReceived += bytes;
      while (this.requestBytesReceived >= this.requests * settings.requestBytes && this.owesRequest()) {
        this.answer(endpoint);
      }
    }
  }

  finished(endpoint: TcpEndpoint): void {
    endpoint.close();
  }

  closed(endpoint: TcpEndpoint, how: TcpOutcome): void {
    if (endpoint !== this.initiating && endpoint !== this.accepted) return;
    this.publishEnd(how, endpoint);
    if (endpoint === this.initiating && how !== 'closed') this.tryAgain();
  }

  private publishEnd(how: TcpOutcome | 'reconnected', endpoint: TcpEndpoint): void {
    const { observations, simulation, settings } = this.workload;
    const other = settings.initiator === 'peer' ? 'vm' : 'peer';
    const end = endpoint === this.initiating ? settings.initiator : other;
    observations.connectionEnded.publish({ timeNs: simulation.nowNs, flow: this.flow, how, end });
  }

  /** Begins anew after a while, with the request that was under way. */
  private tryAgain(): void {
    const { settings, simulation } = this.workload;
    const { afterNs } = settings.reconnect;
    if (afterNs === Infinity || simulation.nowNs > settings.stopNs) return;
    this.clockOf(settings.asks).cancel(this.nextRequest);
    this.clockOf(settings.initiator).cancel(this.patience);
    this.attempts++;
    this.accepted = null;
    this.requests = this.responses;
    this.answersBegun = this.responses;
    this.requestBytesReceived = this.responses * settings.requestBytes;
    this.responseBytesReceived = this.responses * settings.responseBytes;
    this.clockOf(settings.initiator).schedule(afterNs, connect, this);
  }

  /** The request under way was not answered in the time that the application allows. */
  loseTrust(): void {
    this.initiating?.abort();
  }

  /** Sends the next request, unless the workload is over. */
  ask(): void {
    const { settings, simulation } = this.workload;
    const asker = this.endOf(settings.asks);
    if (simulation.nowNs > settings.stopNs || asker === null || asker.state !== 'established') return;
    this.requests++;
    if (this.offeredNs < 0) this.offeredNs = simulation.nowNs;
    const { unansweredNs } = settings.reconnect;
    if (unansweredNs !== Infinity && settings.asks === settings.initiator) {
      this.patience = this.clockOf(settings.initiator).schedule(unansweredNs, loseTrust, this);
    }
    asker.send(settings.requestBytes);
  }

  private clockOf(end: 'peer' | 'vm'): TimerClock {
    return this.workload.ends[end].clock;
  }

  publishState(wouldPass: PassageQuestion): void {
    if (this.initiating === null) return;
    const peer = this.endOf('peer');
    const vm = this.endOf('vm');
    const peerNext = peer?.nextPacket() ?? null;
    const vmNext = vm?.nextPacket() ?? null;
    const open =
      (peer !== null && peer.state !== 'closed' ? 1 : 0) + (vm !== null && vm.state !== 'closed' ? 1 : 0);
    this.workload.observations.connectionState.publish({
      flow: this.flow,
      owedSinceNs: this.offeredNs,
      lastSentNs: Math.max(peer?.lastSentNs ?? -1, vm?.lastSentNs ?? -1),
      peerWouldPass: peerNext === null || wouldPass(peerNext, 'peer'),
      vmWouldPass: vmNext === null || wouldPass(vmNext, 'vm'),
      ends: open === 2 ? 'both-open' : open === 1 ? 'half-open' : 'closed',
    });
  }

  private endOf(end: 'peer' | 'vm'): TcpEndpoint | null {
    return end === this.workload.settings.initiator ? this.initiating : this.accepted;
  }

  private owesRequest(): boolean {
    return this.requests > this.answersBegun;
  }

  private answer(endpoint: TcpEndpoint): void {
    const { settings, simulation } = this.workload;
    if (this.requests > this.requestsArrived) {
      this.requestsArrived = this.requests;
      const to = settings.asks === 'peer' ? 'vm' : 'peer';
      this.publishDelivery(this.requests - 1, to, settings.requestBytes);
    }
    this.answersBegun++;
    this.offeredNs = simulation.nowNs;
    if (endpoint.state === 'established') endpoint.send(settings.responseBytes);
  }

  private answered(): void {
    const { settings, draws } = this.workload;
    this.publishDelivery(this.responses, settings.asks, settings.responseBytes);
    this.responses++;
    this.offeredNs = -1;
    const thinkNs = drawIntervalNs(settings.think, draws.uniform2(this.flow, this.responses));
    this.clockOf(settings.initiator).cancel(this.patience);
    this.nextRequest = this.clockOf(settings.asks).schedule(thinkNs, ask, this);
  }

  private publishDelivery(index: number, to: 'peer' | 'vm', bytes: number): void {
    const { observations, simulation } = this.workload;
    if (!observations.messageDelivered.observed) return;
    observations.messageDelivered.publish({
      flow: this.flow,
      index,
      to,
      bytes,
      offeredNs: this.offeredNs,
      timeNs: simulation.nowNs,
    });
  }
}

/** What a listener does with a connection that no workload opened, such as an attacker's: nothing. */
const refuse: TcpApplication = {
  established(endpoint) {
    endpoint.abort();
  },
  delivered() {
    // What an unknown client sends is not a message of the workload.
  },
  finished(endpoint) {
    endpoint.close();
  },
  closed() {
    // Nobody counts on it.
  },
};

/** Ports below those of first connections, so that a connection that an end still remembers is not met again. */
function laterPort(flow: number, attempt: number): number {
  return 10_000 + ((flow * 16 + attempt) % 22_000);
}

function connect(exchange: Exchange): void {
  exchange.connect();
}

function loseTrust(exchange: Exchange): void {
  exchange.loseTrust();
}

function open(exchange: Exchange): void {
  exchange.open();
}

function ask(exchange: Exchange): void {
  exchange.ask();
}
