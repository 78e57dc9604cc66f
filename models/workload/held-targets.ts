import type { TcpIdentity } from '../network/tcp-end.ts';
import type { KnownFlows } from './flow-ends.ts';

/** Connections once picked from those that are known, kept until they are released. */
export class HeldTargets implements KnownFlows {
  private readonly known: KnownFlows;
  private readonly held = new Map<keyof KnownFlows, TcpIdentity | null>();

  constructor(known: KnownFlows) {
    this.known = known;
  }

  live(u: number): TcpIdentity | null {
    return this.pick('live', u);
  }

  idle(u: number): TcpIdentity | null {
    return this.pick('idle', u);
  }

  closed(u: number): TcpIdentity | null {
    return this.pick('closed', u);
  }

  ofVm(u: number): TcpIdentity | null {
    return this.pick('ofVm', u);
  }

  datagrams(u: number): TcpIdentity | null {
    return this.pick('datagrams', u);
  }

  /** The next pick chooses anew. */
  release(): void {
    this.held.clear();
  }

  /** Whether a connection of this flow was picked. */
  aimsAt(flow: number): boolean {
    for (const target of this.held.values()) if (target?.flow === flow) return true;
    return false;
  }

  private pick(which: keyof KnownFlows, u: number): TcpIdentity | null {
    const held = this.held.get(which);
    if (held !== undefined) return held;
    const target = this.known[which](u);
    this.held.set(which, target);
    return target;
  }
}
