import type { TcpIdentity } from '../network/tcp-end.ts';
import type { Conversation } from './conversation.ts';
import type { KnownConnections, PassageQuestion } from './flow-ends.ts';

/** So many connections that are over an attacker still knows. */
const rememberedMax = 1000;

/** The conversations of a workload by their flow. One that is over is forgotten, but for the ends of the latest thousand. */
export class KnownConversations implements KnownConnections {
  private readonly conversations = new Map<number, Conversation>();
  private readonly ended: TcpIdentity[] = [];
  private nextEnded = 0;

  add(conversation: Conversation): void {
    this.conversations.set(conversation.flow, conversation);
  }

  get(flow: number): Conversation | undefined {
    return this.conversations.get(flow);
  }

  /** The conversation is over: its state is published for the last time. */
  forget(conversation: Conversation): void {
    conversation.publishState(() => true);
    this.conversations.delete(conversation.flow);
    const { peerIdentity } = conversation;
    if (peerIdentity === null) return;
    this.ended[this.nextEnded] = peerIdentity;
    this.nextEnded = (this.nextEnded + 1) % rememberedMax;
  }

  /** Publishes the state of each connection that was opened and is not over; asks without touching any. */
  publishStates(wouldPass: PassageQuestion): void {
    for (const conversation of this.conversations.values()) conversation.publishState(wouldPass);
  }

  live(u: number): TcpIdentity | null {
    return this.pick(u, (conversation) => conversation.isOpen);
  }

  /** Those that wait for an answer or a request are silent for a while. */
  idle(u: number): TcpIdentity | null {
    return this.pick(u, (conversation) => conversation.isOpen && conversation.owedSinceNs < 0);
  }

  ofVm(u: number): TcpIdentity | null {
    return this.pick(u, ({ isOpen, initiator }) => isOpen && initiator === 'vm');
  }

  /** One that is over, or broke. */
  closed(u: number): TcpIdentity | null {
    const broken = [...this.conversations.values()].filter((conversation) => conversation.isClosed);
    const index = Math.floor(u * (broken.length + this.ended.length));
    return broken[index]?.peerIdentity ?? this.ended[index - broken.length] ?? null;
  }

  private pick(u: number, wanted: (conversation: Conversation) => boolean): TcpIdentity | null {
    const candidates = [...this.conversations.values()].filter(wanted);
    return candidates[Math.floor(u * candidates.length)]?.peerIdentity ?? null;
  }
}
