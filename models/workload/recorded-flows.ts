import type { Chance, Stream as Draws } from '../../sim/random.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { EndpointHost } from '../network/endpoint-host.ts';
import type { TcpIdentity } from '../network/tcp-end.ts';
import type { Observations } from '../observations.ts';
import { Conversation } from './conversation.ts';
import type { ConversationListener } from './conversation-context.ts';
import { DatagramFlow, pickFlow } from './datagram-flow.ts';
import { otherEnd, type FlowEnds, type PassageQuestion } from './flow-ends.ts';
import { KnownConversations } from './known-conversations.ts';
import { refuseStrangers } from './refuse-strangers.ts';
import { scheduleAwake } from './schedule-awake.ts';
import { turn, type CloseAnswer, type LaterWrite, type Script, type Turn } from './turn.ts';

/** What one end said in a recorded flow, and when, counted from the beginning of the flow. */
export interface RecordedMessage {
  readonly speaker: 'peer' | 'vm';
  readonly atNs: number;
  readonly bytes: number;
}

/** One flow of a capture. */
export interface RecordedFlow {
  readonly protocol: 'tcp' | 'udp';
  readonly initiator: 'peer' | 'vm';
  readonly port: number;
  /** From the start of the workload. */
  readonly atNs: number;
  readonly messages: readonly RecordedMessage[];
  /** Who sent the first FIN, and when, from the beginning of the flow. */
  readonly closes: 'peer' | 'vm' | 'nobody';
  readonly closesAtNs: number;
  /**
   * When the other end closed in turn; 0 for when it hears of it. Otherwise the connection is closed by halves: what this
   * end says after `closesAtNs` is said when it has heard of that.
   */
  readonly otherClosesAtNs: number;
}

export interface RecordedFlowsParts {
  readonly name: string;
  /** Each flow with the machines that it runs between. */
  readonly flows: readonly { readonly flow: RecordedFlow; readonly ends: FlowEnds }[];
  readonly firstFlow: number;
  readonly startNs: number;
  readonly simulation: Simulation;
  readonly chance: Chance;
  readonly observations: Observations;
}

/**
 * The flows of a capture, played again: same directions, sizes and times. Over TCP a message is said at its
 * recorded time or as soon as all that the other end had said before has arrived, whichever is later, and the flow
 * closes likewise, by halves where it was recorded so; datagrams leave at their times, those of the end that did not begin once it has heard of the flow.
 * Nobody reconnects.
 */
export class RecordedFlows {
  readonly known = new KnownConversations();
  private readonly parts: RecordedFlowsParts;
  private readonly unused: Draws;
  private readonly datagrams = new Map<number, DatagramFlow>();

  constructor(parts: RecordedFlowsParts) {
    this.parts = parts;
    this.unused = parts.chance.stream(parts.name, 'nothing is drawn');
  }

  start(): void {
    const { flows, firstFlow, startNs, simulation } = this.parts;
    const listening = new Set<string>();
    flows.forEach(({ flow, ends }, index) => {
      const number = firstFlow + index;
      const server = otherEnd(flow.initiator);
      const socket = `${flow.protocol} ${server === 'vm' ? ends.vmName : ends.peerName} ${flow.port}`;
      if (!listening.has(socket)) this.listen(flow, ends[server], server);
      listening.add(socket);
      const open =
        flow.protocol === 'tcp' ? this.conversation(number, flow, ends) : this.stream(number, flow, ends);
      scheduleAwake(simulation, ends[flow.initiator].clock, startNs + flow.atNs, call, open);
    });
  }

  publishStates(wouldPass: PassageQuestion): void {
    this.known.publishStates(wouldPass);
    for (const flow of this.datagrams.values()) flow.publishState(wouldPass);
  }

  /** A flow of datagrams that an attacker may know of, by a uniform draw. */
  target(u: number): TcpIdentity | null {
    return pickFlow(this.datagrams.values(), u);
  }

  private listen(flow: RecordedFlow, host: EndpointHost, at: 'peer' | 'vm'): void {
    if (flow.protocol === 'tcp')
      host.listenTcp(flow.port, (syn) => this.known.get(syn.flow) ?? refuseStrangers);
    else host.bindUdp(flow.port, (packet) => this.datagrams.get(packet.flow)?.receive(at, packet));
  }

  private conversation(number: number, flow: RecordedFlow, ends: FlowEnds): () => void {
    const { name, simulation, observations } = this.parts;
    const { initiator, port } = flow;
    const context = {
      name,
      ends,
      initiator,
      port,
      simulation,
      observations,
      stopNs: Infinity,
      pauses: this.unused,
      sizes: this.unused,
      reconnect: { afterNs: Infinity, unansweredNs: Infinity },
    };
    const conversation = new Conversation({ ...context, ...this.listener() }, scriptOf(flow), number);
    this.known.add(conversation);
    return () => conversation.open();
  }

  private listener(): ConversationListener {
    return {
      said: () => undefined,
      over: (conversation) => this.known.forget(conversation),
      broke: () => undefined,
    };
  }

  private stream(number: number, flow: RecordedFlow, ends: FlowEnds): () => void {
    const { name, simulation, observations } = this.parts;
    const { initiator, port, messages } = flow;
    const paths = [ends[initiator]];
    const datagrams = new DatagramFlow(
      { name, ends, initiator, port, paths, simulation, observations },
      number,
    );
    this.datagrams.set(number, datagrams);
    const counts = { peer: 0, vm: 0 };
    let heard = false;
    const waiting: (() => void)[] = [];
    const numbered = messages.map(({ speaker, atNs, bytes }) => {
      const message = counts[speaker]++;
      const say = (): void => {
        if (speaker === initiator || heard) datagrams.send(speaker, bytes, message);
        else waiting.push(say);
      };
      return { speaker, atNs, say };
    });
    return () =>
      datagrams.open({
        begin: () => {
          for (const { speaker, atNs, say } of numbered) ends[speaker].clock.schedule(atNs, call, say);
        },
        arrived: (at) => {
          if (at === initiator || heard) return;
          heard = true;
          for (const say of waiting) say();
        },
      });
  }
}

function scriptOf({ messages, closes, closesAtNs, otherClosesAtNs }: RecordedFlow): Script {
  const byHalves = closes !== 'nobody' && otherClosesAtNs > 0;
  const round: Turn[] = [];
  let later: LaterWrite[] = [];
  let afterTurns = -1;
  for (const { speaker, atNs, bytes } of messages) {
    const begins = byHalves && afterTurns < 0 && atNs > closesAtNs && speaker !== closes;
    if (begins) afterTurns = round.length;
    if (!begins && round.at(-1)?.speaker === speaker) {
      later.push({ atNs, bytes });
      continue;
    }
    later = [];
    round.push({ ...turn(speaker, { kind: 'constant', bytes }, { kind: 'at', ns: atNs }), later });
  }
  const answer: CloseAnswer | null = !byHalves
    ? null
    : {
        from: otherEnd(closes),
        afterTurns: afterTurns < 0 ? round.length : afterTurns,
        atNs: otherClosesAtNs,
      };
  const closesBy = byHalves ? 'shutdown' : 'close';
  return { opening: [], round, roundsMax: 1, closes, closesBy, closesAtNs, answer, pausesFirst: true };
}

function call(action: () => void): void {
  action();
}
