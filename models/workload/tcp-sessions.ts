import type { Chance, Stream as Draws } from '../../sim/random.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { Observations } from '../observations.ts';
import { beginningNs } from './beginning.ts';
import { Conversation } from './conversation.ts';
import type { ConversationContext } from './conversation-context.ts';
import { otherEnd, type FlowEnds, type PassageQuestion } from './flow-ends.ts';
import { drawIntervalNs, type Interval } from './interval.ts';
import { KnownConversations } from './known-conversations.ts';
import { refuseStrangers } from './refuse-strangers.ts';
import type { Reconnect } from './reconnect.ts';
import { callAwake, scheduleAwake } from './schedule-awake.ts';
import type { Script } from './turn.ts';

/** TCP sessions between two machines: what is said on each, and when they begin. */
export interface TcpSessionsSettings {
  readonly name: string;
  /** Who opens the connections. */
  readonly initiator: 'peer' | 'vm';
  readonly port: number;
  readonly load: Load;
  readonly startNs: number;
  /** No session and no round begins after this. */
  readonly stopNs: number;
  readonly reconnect: Reconnect;
}

/**
 * `closed`: so many users, each with one session at a time; their first sessions begin evenly spread over
 * [startNs, startNs + rampNs], a further one `rest` after all of the one before has been said, on the clock of who
 * opens. `open`: sessions begin whatever becomes of the others. What is due while a guest stands still begins when it goes on.
 */
export type Load =
  | { readonly kind: 'closed'; readonly users: number; readonly rampNs: number; readonly rest: Interval }
  | { readonly kind: 'open'; readonly arrivals: Interval };

/** Numbers for flows: `first` and so many from there on; when they are used up they begin anew. */
export interface FlowRange {
  readonly first: number;
  readonly count: number;
}

/** What the sessions of a workload are built with. */
export interface TcpSessionsParts {
  readonly settings: TcpSessionsSettings;
  readonly ends: FlowEnds;
  readonly flows: FlowRange;
  /** What is said on the session with this flow. */
  readonly script: (flow: number) => Script;
  readonly simulation: Simulation;
  readonly chance: Chance;
  readonly observations: Observations;
}

/**
 * Sessions of a workload. The k-th session of a user, or the k-th arrival, has the same flow number and the same
 * draws under every scheme.
 */
export class TcpSessions implements ConversationContext {
  readonly name: string;
  readonly ends: FlowEnds;
  readonly initiator: 'peer' | 'vm';
  readonly port: number;
  readonly reconnect: Reconnect;
  readonly stopNs: number;
  readonly simulation: Simulation;
  readonly observations: Observations;
  readonly pauses: Draws;
  readonly sizes: Draws;
  readonly known = new KnownConversations();
  private readonly parts: TcpSessionsParts;
  private readonly beginnings: Draws;
  private arrivals = 0;

  constructor(parts: TcpSessionsParts) {
    const { settings, chance } = parts;
    this.parts = parts;
    this.name = settings.name;
    this.ends = parts.ends;
    this.initiator = settings.initiator;
    this.port = settings.port;
    this.reconnect = settings.reconnect;
    this.stopNs = settings.stopNs;
    this.simulation = parts.simulation;
    this.observations = parts.observations;
    this.pauses = chance.stream(settings.name, 'think time');
    this.sizes = chance.stream(settings.name, 'message size');
    this.beginnings = chance.stream(settings.name, 'session start');
  }

  /** Listens, and schedules the first sessions. */
  start(): void {
    const { settings, ends } = this.parts;
    const server = ends[otherEnd(settings.initiator)];
    server.listenTcp(settings.port, (syn) => this.known.get(syn.flow) ?? refuseStrangers);
    const { load } = settings;
    if (load.kind === 'open') {
      this.awaitArrival();
      return;
    }
    for (let user = 0; user < load.users; user++) {
      const atNs = beginningNs(settings.startNs, load.rampNs, user, load.users);
      scheduleAwake(this.simulation, ends[settings.initiator].clock, atNs, open, this.add(user));
    }
  }

  publishStates(wouldPass: PassageQuestion): void {
    this.known.publishStates(wouldPass);
  }

  said(conversation: Conversation): void {
    const { load } = this.parts.settings;
    if (load.kind === 'open') return;
    const index = conversation.flow - this.parts.flows.first + load.users;
    const restNs = drawIntervalNs(load.rest, this.beginnings.uniform(index));
    const clock = this.ends[this.initiator].clock;
    const next = { owner: this, index };
    clock.schedule(restNs, beginNext, next);
  }

  over(conversation: Conversation): void {
    this.known.forget(conversation);
  }

  broke(): void {
    // A user whose application does not reconnect is gone.
  }

  /** A user's rest is over. */
  begin(index: number): void {
    if (this.simulation.nowNs <= this.stopNs) this.add(index).open();
  }

  /** The next session of an open loop is due. */
  arrive(): void {
    const { clock } = this.ends[this.initiator];
    callAwake(this.simulation, clock, open, this.add(this.arrivals++));
    this.awaitArrival();
  }

  private awaitArrival(): void {
    const { load, startNs } = this.parts.settings;
    if (load.kind === 'closed') return;
    const sinceNs = this.arrivals === 0 ? startNs : this.simulation.nowNs;
    const atNs = sinceNs + drawIntervalNs(load.arrivals, this.beginnings.uniform(this.arrivals));
    if (atNs <= this.stopNs) this.simulation.scheduleAt(atNs, arrive, this);
  }

  private add(index: number): Conversation {
    const { flows, script } = this.parts;
    const flow = flows.first + (index % flows.count);
    const conversation = new Conversation(this, script(flow), flow);
    this.known.add(conversation);
    return conversation;
  }
}

interface NextSession {
  readonly owner: TcpSessions;
  readonly index: number;
}

function beginNext({ owner, index }: NextSession): void {
  owner.begin(index);
}

function arrive(sessions: TcpSessions): void {
  sessions.arrive();
}

function open(conversation: Conversation): void {
  conversation.open();
}
