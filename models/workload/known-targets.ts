import type { TcpIdentity } from '../network/tcp-end.ts';
import type { Conversation } from './conversation.ts';

/** One of the wanted conversations by a uniform draw, as its peer end sees it; null when there is none. */
export function pickTarget(
  conversations: Iterable<Conversation>,
  u: number,
  wanted: (conversation: Conversation) => boolean,
): TcpIdentity | null {
  const candidates = [...conversations].filter(wanted);
  return candidates[Math.floor(u * candidates.length)]?.peerIdentity ?? null;
}

/** So many connections that are over an attacker still knows. */
const rememberedMax = 1000;

/** The ends of connections that are over, the latest of them. */
export class RememberedEnds {
  private readonly ends: TcpIdentity[] = [];
  private next = 0;

  add(identity: TcpIdentity | null): void {
    if (identity === null) return;
    this.ends[this.next] = identity;
    this.next = (this.next + 1) % rememberedMax;
  }

  /** One of these, or of the conversations that broke; null when there is none. */
  pickWith(conversations: Iterable<Conversation>, u: number): TcpIdentity | null {
    const broken = [...conversations].filter((conversation) => conversation.isClosed);
    const index = Math.floor(u * (broken.length + this.ends.length));
    return broken[index]?.peerIdentity ?? this.ends[index - broken.length] ?? null;
  }
}
