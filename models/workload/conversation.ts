import { noEvent } from '../../sim/event-queue.ts';
import type { TcpIdentity } from '../network/tcp-end.ts';
import type { TcpApplication, TcpOutcome } from '../network/tcp-application.ts';
import type { TcpEndpoint } from '../network/tcp-endpoint.ts';
import type { TimerClock } from '../network/timer-clock.ts';
import type { ConnectionEnded } from '../observations.ts';
import { connectionState, isOver } from './connection-state.ts';
import type { ConversationContext } from './conversation-context.ts';
import { otherEnd, type PassageQuestion } from './flow-ends.ts';
import { drawIntervalNs } from './interval.ts';
import { MessageUnderway } from './message-underway.ts';
import { laterPort } from './reconnect.ts';
import { drawBytes } from './size.ts';
import { beginsRound, drawIndex, turnAt, type Script, type Speakers, type Turn } from './turn.ts';

/**
 * One connection with the application at both of its ends: they speak by turns as the script says, and the next
 * turn waits until the one before has arrived whole. A connection that breaks is opened again, from the opening
 * on and with the round that was under way, where the workload's applications do that.
 */
export class Conversation implements TcpApplication, Speakers {
  readonly flow: number;
  private readonly context: ConversationContext;
  private readonly script: Script;
  private initiating: TcpEndpoint | null = null;
  private accepted: TcpEndpoint | null = null;
  /** The end that its application gave up last. */
  private distrusted: TcpEndpoint | null = null;
  private attempts = 0;
  private openedNs = -1;
  /** Which turn is under way or next, null after the last: those of the opening first, then round by round. */
  private position = 0;
  private turn: Turn | null;
  /** After a repeated opening the conversation goes on here. */
  private resumeAt = 0;
  /** Null when nobody speaks. */
  private message: MessageUnderway | null = null;
  /** What has arrived for the first time: whole turns, and pieces of the turn after them. */
  private heardTurns = 0;
  private heardPieces = 0;
  private messagesToVm = 0;
  private messagesToPeer = 0;
  private offeredNs = -1;
  private readonly written = { peer: 0, vm: 0 };
  /** The pause before the next turn, and the end of the initiator's patience. */
  private pause = noEvent;
  private patience = noEvent;
  private done = false;

  constructor(context: ConversationContext, script: Script, flow: number) {
    this.context = context;
    this.script = script;
    this.flow = flow;
    this.turn = turnAt(script, 0);
  }

  get initiator(): 'peer' | 'vm' {
    return this.context.initiator;
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

  writtenBytes(end: 'peer' | 'vm'): number {
    return this.written[end];
  }

  open(): void {
    const { name, ends, observations, simulation, initiator } = this.context;
    this.openedNs = simulation.nowNs;
    observations.connectionOpened.publish({
      timeNs: simulation.nowNs,
      flow: this.flow,
      protocol: 'tcp',
      workload: name,
      vm: ends.vmName,
      peer: ends.peerName,
      initiator,
    });
    this.connect();
  }

  /** Opens the connection, or a new one in its place. */
  connect(): void {
    const { ends, initiator, port } = this.context;
    const client = ends[initiator];
    const server = ends[otherEnd(initiator)];
    const localPort = this.attempts === 0 ? client.portOf(this.flow) : laterPort(this.flow, this.attempts);
    this.initiating = client.connectTcp(localPort, server.address, port, this.flow, this);
  }

  established(endpoint: TcpEndpoint): void {
    if (endpoint === this.initiating && this.attempts > 0) this.publishEnd('reconnected', endpoint);
    if (endpoint !== this.initiating) this.accepted = endpoint;
    const first = this.turn;
    if (first === null) this.conclude(null);
    else if (this.script.answer?.afterTurns === 0) {
      if (endpoint === this.endOf(otherEnd(this.script.answer.from))) this.closeFirst(null);
    } else if (endpoint === this.endOf(first.speaker))
      this.approach(first, this.script.pausesFirst ? this.pauseNs(first) : -1);
  }

  delivered(endpoint: TcpEndpoint, bytes: number): void {
    const { message, turn: current } = this;
    if (message === null || current === null || endpoint !== this.endOf(otherEnd(current.speaker))) return;
    message.heardBytes += bytes;
    this.hearParts(otherEnd(current.speaker), message);
    if (message.isWhole) this.heard(current);
  }

  finished(endpoint: TcpEndpoint): void {
    const { answer } = this.script;
    if (answer === null || endpoint !== this.endOf(answer.from)) endpoint.close();
    else if (this.done) this.closeSecond();
    else this.approachNow();
  }

  /** Half of the connection is closed: what the other end has still to say. */
  private approachNow(): void {
    const next = turnAt(this.script, this.position);
    if (next !== null) this.approach(next, Math.max(0, this.pauseNs(next)));
  }

  closed(endpoint: TcpEndpoint, how: TcpOutcome): void {
    // What becomes of what was given up is the kernel's business.
    if (endpoint === this.distrusted || (endpoint !== this.initiating && endpoint !== this.accepted)) return;
    this.publishEnd(how, endpoint);
    if (this.done) {
      if (isOver(this.initiating) && isOver(this.accepted)) this.context.over(this);
    } else if (endpoint === this.initiating && how !== 'closed') this.tryAgain();
  }

  /** The message under way was not answered in the time that the application allows. */
  loseTrust(): void {
    const { initiating } = this;
    if (initiating === null || initiating.state === 'closed') return;
    this.distrusted = initiating;
    initiating.close();
    this.publishEnd('given-up', initiating);
    this.tryAgain();
  }

  /** The pause is over: makes ready for the next message, and says it. */
  prepare(): void {
    this.pause = noEvent;
    const next = this.turn;
    if (next === null) return;
    if (next.before === null) {
      this.say(next);
      return;
    }
    const { attempts, position } = this;
    next.before(this, () => {
      if (this.attempts !== attempts || this.position !== position || this.message !== null) return;
      this.pause = this.clockOf(next.speaker).schedule(0, speak, this);
    });
  }

  /** All is ready for the next message, and whoever says it is awake. */
  speak(): void {
    this.pause = noEvent;
    const next = this.turn;
    if (next !== null && this.message === null) this.say(next);
  }

  /** Publishes what is known of the connection; asks without touching it. */
  publishState(wouldPass: PassageQuestion): void {
    if (this.initiating === null) return;
    // What is being opened has no other end yet.
    const opening = this.accepted === null && this.initiating.state === 'syn-sent';
    // Whoever asks for a connection is owed an answer too.
    const refused = this.offeredNs < 0 && this.initiating.state === 'syn-sent' && this.attempts === 0;
    const owedSinceNs = refused ? this.openedNs : this.offeredNs;
    const ends = { peer: this.endOf('peer'), vm: this.endOf('vm'), opening };
    this.context.observations.connectionState.publish(
      connectionState({ flow: this.flow, owedSinceNs }, ends, wouldPass),
    );
  }

  private moveTo(position: number): void {
    this.position = position;
    this.turn = turnAt(this.script, position);
  }

  /** Waits for the pause before a turn; less than 0 for none, where the one that speaks acts already. */
  private approach(next: Turn, pauseNs: number): void {
    if (pauseNs < 0) this.prepare();
    else this.pause = this.clockOf(next.speaker).schedule(pauseNs, prepare, this);
  }

  private pauseNs({ pause }: Turn): number {
    if (pause.kind === 'none') return -1;
    if (pause.kind === 'at') return this.untilNs(pause.ns);
    if (pause.kind === 'constant') return pause.ns;
    return drawIntervalNs(
      pause,
      this.context.pauses.uniform2(this.flow, drawIndex(this.script, this.position)),
    );
  }

  /** From now to so long after the connection was asked for; 0 when that is over. */
  private untilNs(atNs: number): number {
    return Math.max(0, this.openedNs + atNs - this.context.simulation.nowNs);
  }

  /** Writes the message, unless the connection is broken or the workload over. */
  private say(next: Turn): void {
    const { stopNs, simulation, sizes } = this.context;
    const speaker = this.endOf(next.speaker);
    const begins = beginsRound(this.script, this.position);
    if (begins && simulation.nowNs > stopNs) return;
    if (speaker?.mayWrite !== true) return;
    const repeats = this.position < this.heardTurns;
    if (this.offeredNs < 0 || !(begins || repeats)) this.offeredNs = simulation.nowNs;
    const { size, later, pieceBytes } = next;
    const bytes =
      size.kind === 'constant'
        ? size.bytes
        : drawBytes(size, sizes.uniform2(this.flow, drawIndex(this.script, this.position)));
    this.message = new MessageUnderway(bytes, later, pieceBytes, simulation.nowNs);
    if (next.speaker === this.context.initiator) this.bePatient();
    this.put(next, speaker, bytes);
  }

  /** Writes some of a message, and waits for the next time. */
  private put({ speaker }: Turn, endpoint: TcpEndpoint, bytes: number): void {
    this.written[speaker] += bytes;
    endpoint.send(bytes);
    const upcoming = this.message?.upcoming ?? null;
    if (upcoming !== null)
      this.pause = this.clockOf(speaker).schedule(this.untilNs(upcoming.atNs), goOn, this);
  }

  /** The time of the next write of a message has come. */
  goOn(): void {
    this.pause = noEvent;
    const current = this.turn;
    const upcoming = this.message?.upcoming ?? null;
    const endpoint = current === null ? null : this.endOf(current.speaker);
    if (current === null || upcoming === null || endpoint?.mayWrite !== true) return;
    const { nowNs } = this.context.simulation;
    this.message?.wrote(upcoming.bytes, nowNs);
    if (this.offeredNs < 0) this.offeredNs = nowNs;
    this.put(current, endpoint, upcoming.bytes);
  }

  private bePatient(): void {
    const { initiator, reconnect } = this.context;
    if (reconnect.unansweredNs === Infinity) return;
    const clock = this.clockOf(initiator);
    clock.cancel(this.patience);
    this.patience = clock.schedule(reconnect.unansweredNs, loseTrust, this);
  }

  /** Notes the parts of a message that are whole, those counted once that a later connection repeats. */
  private hearParts(at: 'peer' | 'vm', message: MessageUnderway): void {
    if (this.position < this.heardTurns) return;
    for (;;) {
      const bytes = message.arrivedPartBytes(this.heardPieces);
      if (bytes < 0) return;
      this.publishDelivery(at, bytes);
      this.heardPieces++;
      // Nothing is owed until the speaker goes on.
      if (message.isWrittenByParts) this.offeredNs = message.partWrittenNs(this.heardPieces);
    }
  }

  private heard(current: Turn): void {
    if (this.position >= this.heardTurns) {
      this.heardTurns = this.position + 1;
      this.heardPieces = 0;
      this.offeredNs = -1;
    }
    this.message = null;
    const following = this.position + 1;
    this.moveTo(following === this.script.opening.length ? Math.max(following, this.resumeAt) : following);
    const next = this.turn;
    const { initiator } = this.context;
    if (current.speaker !== initiator || next === null || next.speaker === initiator)
      this.clockOf(initiator).cancel(this.patience);
    if (next === null) this.conclude(current.speaker);
    else if (this.script.answer?.afterTurns === this.position) this.closeFirst(current.speaker);
    // Who did not hear this may be a guest that stands still.
    else this.approach(next, Math.max(this.pauseNs(next), next.speaker === current.speaker ? 0 : -1));
  }

  /** All has been said, by this end last. */
  private conclude(last: 'peer' | 'vm' | null): void {
    if (this.done) return;
    this.done = true;
    this.context.said(this);
    if ((this.script.answer?.afterTurns ?? this.position) === this.position) this.closeFirst(last);
    this.closeSecond();
  }

  /** The first end closes at its time; this end spoke last. */
  private closeFirst(last: 'peer' | 'vm' | null): void {
    const { closes, closesAtNs } = this.script;
    if (closes === 'nobody') return;
    const waitNs = this.untilNs(closesAtNs);
    // The one that spoke last did not hear that it arrived, and may be a guest that stands still.
    if (waitNs === 0 && closes !== last) this.close();
    else this.clockOf(closes).schedule(waitNs, close, this);
  }

  /** The end that has heard that the other says no more closes at its time. */
  private closeSecond(): void {
    const { answer } = this.script;
    const endpoint = answer === null ? null : this.endOf(answer.from);
    if (answer === null || endpoint?.state !== 'close-wait') return;
    this.clockOf(answer.from).schedule(this.untilNs(answer.atNs), (end) => end.close(), endpoint);
  }

  /** Nothing is left to say; the other end may have. */
  close(): void {
    const { closes, closesBy } = this.script;
    if (closes !== 'nobody') this.endOf(closes)?.[closesBy]();
  }

  /** Begins anew after a while, with the round that was under way. */
  private tryAgain(): void {
    const { reconnect, initiator, stopNs, simulation } = this.context;
    if (reconnect.afterNs === Infinity || simulation.nowNs > stopNs) {
      this.context.broke(this);
      return;
    }
    const current = this.turn;
    if (current !== null) this.clockOf(current.speaker).cancel(this.pause);
    this.clockOf(initiator).cancel(this.patience);
    this.attempts++;
    this.accepted = null;
    this.message = null;
    this.written.peer = this.written.vm = 0;
    const { opening, round } = this.script;
    const said = this.position - opening.length;
    if (said >= 0) this.resumeAt = opening.length + said - (said % round.length);
    this.moveTo(opening.length > 0 ? 0 : this.resumeAt);
    this.clockOf(initiator).schedule(reconnect.afterNs, connect, this);
  }

  private publishEnd(how: ConnectionEnded['how'], endpoint: TcpEndpoint): void {
    const { observations, simulation, initiator } = this.context;
    const end = endpoint === this.initiating ? initiator : otherEnd(initiator);
    observations.connectionEnded.publish({ timeNs: simulation.nowNs, flow: this.flow, how, end });
  }

  private publishDelivery(to: 'peer' | 'vm', bytes: number): void {
    const index = to === 'vm' ? this.messagesToVm++ : this.messagesToPeer++;
    const { observations, simulation } = this.context;
    if (!observations.messageDelivered.observed) return;
    const { flow, offeredNs } = this;
    observations.messageDelivered.publish({ flow, index, to, bytes, offeredNs, timeNs: simulation.nowNs });
  }

  private clockOf(end: 'peer' | 'vm'): TimerClock {
    return end === 'vm' ? this.context.ends.vm.clock : this.context.ends.peer.clock;
  }

  private endOf(end: 'peer' | 'vm'): TcpEndpoint | null {
    return end === this.context.initiator ? this.initiating : this.accepted;
  }
}

function prepare(conversation: Conversation): void {
  conversation.prepare();
}

function goOn(conversation: Conversation): void {
  conversation.goOn();
}

function close(conversation: Conversation): void {
  conversation.close();
}

function speak(conversation: Conversation): void {
  conversation.speak();
}

function connect(conversation: Conversation): void {
  conversation.connect();
}

function loseTrust(conversation: Conversation): void {
  conversation.loseTrust();
}
