import { assert } from '../../sim/assert.ts';
import type { Packet } from '../network/packet.ts';
import { sameAddress } from '../network/address.ts';
import type { Divergence, Observations } from '../observations.ts';
import { chainPasses } from './engine-chain.ts';
import { FirewallEngine } from './firewall-engine.ts';
import { FlowSet } from './flow-set.ts';
import type { Judgement, Passage } from './nse.ts';
import type { LossCauses, Policy, SecurityEngine, Subject } from './security-engine.ts';

/** An answer, and how connection tracking came to it. */
interface Seen {
  readonly accepted: boolean;
  readonly state: Judgement['connectionState'];
  readonly cause: Judgement['cause'];
}

/** Where an engine and the reference part. */
export type Difference = Pick<Divergence, 'kind' | 'cause'>;

/**
 * Engines with the VM's rules as of now and tables of their own that never move. Each is given every packet that its
 * counterpart let pass, as that met it, and is only asked about the others; where the engine under test judged
 * otherwise, protection or service is lost.
 *
 * Until the VM's context on its first host changes by anything but packets that pass, both have seen the same, and
 * would answer the same. So long the engines of that host stand in for those of the reference, which take their
 * entries over just before they part; {@link follow} says where that is possible.
 */
export class Reference {
  private readonly vm: Subject;
  private readonly engines: readonly SecurityEngine[];
  private readonly observations: Observations;
  private readonly diverged = new FlowSet();
  private presentPolicy: Policy = { kind: 'no-engine' };
  /** The engine that judged last, and its counterpart: nearly always it judges the next packet too. */
  private judge: SecurityEngine | null = null;
  private counterpart: SecurityEngine | null = null;
  /** The chain of engines that let a packet pass last, and those of this reference that it lacks. */
  private chain: readonly SecurityEngine[] = [];
  private missing: readonly SecurityEngine[] = [];
  private readonly watchers: ((packet: Packet | null) => void)[] = [];
  /** The engines that answer in place of this reference's own; null once they have parted. */
  private followed: readonly FirewallEngine[] | null = null;

  /** `engines` are named as those of the VM's first host. */
  constructor(vm: Subject, engines: readonly SecurityEngine[], observations: Observations) {
    this.vm = vm;
    this.engines = engines;
    this.observations = observations;
  }

  /**
   * Lets the engines of the VM's first host stand in for those here, which are empty yet; whether they can. They must
   * be firewalls with a table for each VM: of others it is not known when they see more than this reference.
   */
  follow(engines: readonly SecurityEngine[]): boolean {
    assert(this.followed === null, 'a reference follows one host');
    const firewalls = engines.filter((engine) => engine instanceof FirewallEngine).filter(isFollowable);
    const alike = this.engines.length === engines.length && firewalls.length === engines.length;
    if (!alike || !engines.every((engine, index) => isCounterpart(engine, this.engines[index]!)))
      return false;
    this.followed = firewalls;
    for (const firewall of firewalls) firewall.follow(this.vm, () => this.part());
    return true;
  }

  /** From now on this reference's own engines answer, with the entries that those of the first host have now. */
  part(): void {
    const followed = this.followed;
    this.followed = null;
    followed?.forEach((engine, index) => {
      engine.partFrom(this.vm);
      const own = this.engines[index];
      assert(own instanceof FirewallEngine, 'a firewall is followed by a firewall');
      own.takeOver(this.vm, engine);
    });
  }

  /** The rules that are the VM's by now, whatever host has them. */
  get policy(): Policy {
    return this.presentPolicy;
  }

  setPolicy(policy: Policy): void {
    this.presentPolicy = policy;
    this.part();
    for (const engine of this.engines) engine.setPolicy(this.vm, policy);
    this.touched(null);
  }

  /** Whether a packet would pass where the VM had never moved. */
  wouldPass(packet: Packet, passage: Passage, nowNs: number): boolean {
    return chainPasses(this.followed ?? this.engines, this.vm, packet, passage, nowNs);
  }

  /** Calls back whenever the VM’s context may differ from before, with the packet that did it if it was one. */
  watch(watcher: (packet: Packet | null) => void): void {
    this.watchers.push(watcher);
  }

  /** Says that the VM’s context, or where it runs, has changed. */
  touched(packet: Packet | null): void {
    for (const watcher of this.watchers) watcher(packet);
  }

  /** Where the engine, which has just judged the packet, and its counterpart here part; null where they agree. */
  compare(
    engine: SecurityEngine,
    here: Judgement,
    packet: Packet,
    passage: Passage,
    nowNs: number,
  ): Difference | null {
    if (this.followed !== null) return null;
    const counterpart = this.counterpartOf(engine);
    const accepted = here.verdict === 'accept';
    // An engine that the first host did not have changes nothing for the better there.
    if (counterpart === null) return accepted ? null : this.differenceOf(engine, seenOf(here), nothingSeen);
    const there = accepted
      ? counterpart.inspect(this.vm, packet, passage, nowNs)
      : counterpart.ask(this.vm, packet, passage, nowNs);
    if (accepted !== (there.verdict === 'accept'))
      return this.differenceOf(engine, seenOf(here), seenOf(there));
    if (!accepted) return null;
    if (isForgotten(here, there))
      return { kind: 'wrongly-accepted', cause: engine.traits.losses?.accepted ?? 'translation' };
    const unseen = here.connectionState === 'untracked' && this.looksInto(engine, there.connectionState);
    return unseen ? notInspected : null;
  }

  /** Publishes where an engine of the host and this reference part. */
  publish({ kind, cause }: Difference, host: string, packet: Packet, timeNs: number): void {
    if (!this.observations.divergence.observed) return;
    const first = this.diverged.add(packet);
    this.observations.divergence.publish({ timeNs, host, vm: this.vm.name, kind, cause, first, packet });
  }

  /** The packet has passed the host's engines: whether those that the host lacks would have let it pass. */
  passed(
    host: string,
    engines: readonly SecurityEngine[],
    packet: Packet,
    passage: Passage,
    nowNs: number,
  ): void {
    if (this.followed !== null) return;
    for (const missing of this.missingIn(engines)) {
      const { verdict, connectionState } = missing.ask(this.vm, packet, passage, nowNs);
      const accepted = verdict === 'accept';
      if (!accepted || this.looksInto(missing, connectionState))
        this.publish(notInspected, host, packet, nowNs);
      if (accepted) missing.inspect(this.vm, packet, passage, nowNs);
    }
  }

  /** Whether an engine that puts streams together knows this one, so that a packet of it that passes unseen is a loss. */
  private looksInto(engine: SecurityEngine, state: Judgement['connectionState']): boolean {
    const { kind } = engine.traits;
    return (
      kind === 'intrusion-prevention' && state === 'established' && engine.policy(this.vm).kind === 'rules'
    );
  }

  private counterpartOf(engine: SecurityEngine): SecurityEngine | null {
    if (engine !== this.judge) {
      this.judge = engine;
      this.counterpart = findCounterpart(engine, this.engines);
    }
    return this.counterpart;
  }

  private missingIn(engines: readonly SecurityEngine[]): readonly SecurityEngine[] {
    if (engines !== this.chain) {
      this.chain = engines;
      this.missing = withoutCounterpart(this.engines, engines);
    }
    return this.missing;
  }

  private differenceOf(engine: SecurityEngine, here: Seen, there: Seen): Difference {
    const cause = causeOf(engine.policy(this.vm), engine.traits.losses, here, there);
    return { kind: here.accepted ? 'wrongly-accepted' : 'wrongly-dropped', cause };
  }
}

const notInspected: Difference = { kind: 'wrongly-accepted', cause: 'not-inspected' };

const nothingSeen: Seen = { accepted: true, state: null, cause: null };

function seenOf({ verdict, connectionState, cause }: Judgement): Seen {
  return { accepted: verdict === 'accept', state: connectionState, cause };
}

function isFollowable(engine: FirewallEngine): boolean {
  return engine.followable;
}

/** Engines of two hosts do the same work when they have a name and a kind in common. */
export function isCounterpart(a: SecurityEngine, b: SecurityEngine): boolean {
  return a.name === b.name && a.traits.kind === b.traits.kind;
}

function findCounterpart(engine: SecurityEngine, own: readonly SecurityEngine[]): SecurityEngine | null {
  return own.find((candidate) => isCounterpart(engine, candidate)) ?? null;
}

function withoutCounterpart(
  own: readonly SecurityEngine[],
  engines: readonly SecurityEngine[],
): readonly SecurityEngine[] {
  return own.filter((engine) => findCounterpart(engine, engines) === null);
}

/** Known there and not here, and so it leaves under another address or with other numbers than its receiver knows. */
function isForgotten(here: Judgement, there: Judgement): boolean {
  if (here.connectionState === 'established' || there.connectionState !== 'established') return false;
  const { source, sourcePort, sequence, acknowledgement } = here.packet;
  const meant = there.packet;
  const same = sourcePort === meant.sourcePort && sequence === meant.sequence;
  return !same || acknowledgement !== meant.acknowledgement || !sameAddress(source, meant.source);
}

/** The cause of a divergence, from what the rules stood at and how each side's tracking saw the packet. */
function causeOf(policy: Policy, losses: LossCauses | null, here: Seen, there: Seen): Divergence['cause'] {
  if (policy.kind === 'no-engine') return 'open-chain';
  if (policy.kind === 'drop-all') return 'closed-chain';
  if (losses !== null) {
    if (!here.accepted) return losses.dropped;
    return here.state === 'untracked' ? 'not-inspected' : losses.accepted;
  }
  if (here.cause === 'table-full' || there.cause === 'table-full') return 'table-full';
  if (here.state === there.state) return 'rules';
  if (here.accepted) {
    if (isKnown(here)) return there.cause === 'invalid' ? 'window' : 'stale-entry';
    return here.state === 'new' && there.state === 'invalid' ? 'loose-pick-up' : 'rules';
  }
  if (!isKnown(there)) return 'rules';
  return here.cause === 'invalid' ? 'window' : 'missing-entry';
}

function isKnown({ state }: Seen): boolean {
  return state === 'established' || state === 'related';
}
