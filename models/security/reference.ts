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
  accepted: boolean;
  state: Judgement['connectionState'];
  cause: Judgement['cause'];
}

/** What the reference answered, kept while the engine under test answers. */
interface Answer extends Seen {
  /** As it would have left. */
  packet: Packet | null;
}

/**
 * Engines with the VM's rules as of now and tables of their own that never move. Each is asked about every packet
 * that its counterpart meets, as it meets it, and told only of those that it let pass; where the engine under
 * test answers otherwise, protection or service is lost.
 *
 * Until the VM's context on its first host changes by anything but packets that pass, both have seen the same, and
 * would answer the same. So long the engines of that host stand in for those of the reference, which take their
 * entries over just before they part; {@link follow} says where that is possible.
 */
export class Reference {
  readonly #vm: Subject;
  readonly #engines: readonly SecurityEngine[];
  readonly #observations: Observations;
  readonly #answer: Answer = { accepted: true, state: null, cause: null, packet: null };
  readonly #diverged = new FlowSet();
  #askedNs = 0;
  /** By engine, and by chain: looked up at every packet. */
  readonly #counterparts = new Map<SecurityEngine, SecurityEngine | null>();
  readonly #missing = new Map<readonly SecurityEngine[], readonly SecurityEngine[]>();
  readonly #watchers: ((packet: Packet | null) => void)[] = [];
  /** The engines that answer in place of this reference's own; null once they have parted. */
  #followed: readonly FirewallEngine[] | null = null;
  /** Whether the packet under way was put to this reference's own engines. */
  #asked = false;

  /** `engines` are named as those of the VM's first host. */
  constructor(vm: Subject, engines: readonly SecurityEngine[], observations: Observations) {
    this.#vm = vm;
    this.#engines = engines;
    this.#observations = observations;
  }

  /**
   * Lets the engines of the VM's first host stand in for those here, which are empty yet; whether they can. They must
   * be firewalls with a table for each VM: of others it is not known when they see more than this reference.
   */
  follow(engines: readonly SecurityEngine[]): boolean {
    assert(this.#followed === null, 'a reference follows one host');
    const firewalls = engines.filter((engine) => engine instanceof FirewallEngine).filter(isFollowable);
    const alike = this.#engines.length === engines.length && firewalls.length === engines.length;
    if (!alike || !engines.every((engine, index) => isCounterpart(engine, this.#engines[index]!)))
      return false;
    this.#followed = firewalls;
    for (const firewall of firewalls) firewall.follow(this.#vm, () => this.part());
    return true;
  }

  /** From now on this reference's own engines answer, with the entries that those of the first host have now. */
  part(): void {
    const followed = this.#followed;
    this.#followed = null;
    followed?.forEach((engine, index) => {
      engine.partFrom(this.#vm);
      const own = this.#engines[index];
      assert(own instanceof FirewallEngine, 'a firewall is followed by a firewall');
      own.takeOver(this.#vm, engine);
    });
  }

  setPolicy(policy: Policy): void {
    this.part();
    for (const engine of this.#engines) engine.setPolicy(this.#vm, policy);
    this.touched(null);
  }

  /** Whether a packet would pass where the VM had never moved. */
  wouldPass(packet: Packet, passage: Passage, nowNs: number): boolean {
    return chainPasses(this.#followed ?? this.#engines, this.#vm, packet, passage, nowNs);
  }

  /** Calls back whenever the VM’s context may differ from before, with the packet that did it if it was one. */
  watch(watcher: (packet: Packet | null) => void): void {
    this.#watchers.push(watcher);
  }

  /** Says that the VM’s context, or where it runs, has changed. */
  touched(packet: Packet | null): void {
    for (const watcher of this.#watchers) watcher(packet);
  }

  /** Asks the counterpart of the engine that is to judge the packet next. */
  ask(engine: SecurityEngine, packet: Packet, passage: Passage, nowNs: number): void {
    this.#asked = this.#followed === null;
    if (!this.#asked) return;
    const counterpart = this.#counterpartOf(engine);
    const judgement = counterpart?.ask(this.#vm, packet, passage, nowNs);
    // An engine that the first host did not have changes nothing for the better there.
    this.#answer.accepted = judgement === undefined || judgement.verdict === 'accept';
    this.#answer.state = judgement?.connectionState ?? null;
    this.#answer.cause = judgement?.cause ?? null;
    this.#answer.packet = judgement?.packet ?? null;
    this.#askedNs = nowNs;
  }

  tell(engine: SecurityEngine, packet: Packet, passage: Passage, nowNs: number): void {
    if (this.#followed === null) this.#counterpartOf(engine)?.inspect(this.#vm, packet, passage, nowNs);
  }

  /** Publishes a divergence when the engine's judgement is not the answer that `ask` got. */
  compare(host: string, engine: SecurityEngine, judgement: Judgement, packet: Packet): void {
    if (!this.#asked) return;
    const accepted = judgement.verdict === 'accept';
    if (accepted !== this.#answer.accepted) {
      const here = { accepted, state: judgement.connectionState, cause: judgement.cause };
      const cause = causeOf(engine.policy(this.#vm), engine.traits.losses, here, this.#answer);
      this.#publish(host, accepted ? 'wrongly-accepted' : 'wrongly-dropped', cause, packet);
    } else if (accepted && isForgotten(judgement, this.#answer)) {
      this.#publish(host, 'wrongly-accepted', engine.traits.losses?.accepted ?? 'translation', packet);
    } else if (
      accepted &&
      judgement.connectionState === 'untracked' &&
      this.#looksInto(engine, this.#answer)
    ) {
      this.#publish(host, 'wrongly-accepted', 'not-inspected', packet);
    }
  }

  /** The packet has passed the host's engines: whether those that the host lacks would have let it pass. */
  passed(
    host: string,
    engines: readonly SecurityEngine[],
    packet: Packet,
    passage: Passage,
    nowNs: number,
  ): void {
    if (this.#followed !== null) return;
    for (const missing of this.#withoutCounterpart(engines)) {
      this.#askedNs = nowNs;
      const { verdict, connectionState: state } = missing.ask(this.#vm, packet, passage, nowNs);
      if (verdict !== 'accept') {
        this.#publish(host, 'wrongly-accepted', 'not-inspected', packet);
        continue;
      }
      if (this.#looksInto(missing, { state }))
        this.#publish(host, 'wrongly-accepted', 'not-inspected', packet);
      missing.inspect(this.#vm, packet, passage, nowNs);
    }
  }

  /** Whether an engine that puts streams together knows this one, so that a packet of it that passes unseen is a loss. */
  #looksInto(engine: SecurityEngine, { state }: Pick<Answer, 'state'>): boolean {
    const { kind } = engine.traits;
    return (
      kind === 'intrusion-prevention' && state === 'established' && engine.policy(this.#vm).kind === 'rules'
    );
  }

  #counterpartOf(engine: SecurityEngine): SecurityEngine | null {
    let counterpart = this.#counterparts.get(engine);
    if (counterpart === undefined) {
      counterpart = this.#engines.find((candidate) => isCounterpart(engine, candidate)) ?? null;
      this.#counterparts.set(engine, counterpart);
    }
    return counterpart;
  }

  #withoutCounterpart(engines: readonly SecurityEngine[]): readonly SecurityEngine[] {
    let missing = this.#missing.get(engines);
    if (missing === undefined) {
      missing = this.#engines.filter((own) => !engines.some((engine) => isCounterpart(engine, own)));
      this.#missing.set(engines, missing);
    }
    return missing;
  }

  #publish(host: string, kind: Divergence['kind'], cause: Divergence['cause'], packet: Packet): void {
    if (!this.#observations.divergence.observed) return;
    const first = this.#diverged.add(packet);
    const timeNs = this.#askedNs;
    this.#observations.divergence.publish({ timeNs, host, vm: this.#vm.name, kind, cause, first, packet });
  }
}

function isFollowable(engine: FirewallEngine): boolean {
  return engine.followable;
}

/** Engines of two hosts do the same work when they have a name and a kind in common. */
export function isCounterpart(a: SecurityEngine, b: SecurityEngine): boolean {
  return a.name === b.name && a.traits.kind === b.traits.kind;
}

/** Known there and not here, and so it leaves under another address or with other numbers than its receiver knows. */
function isForgotten(here: Judgement, there: Answer): boolean {
  if (here.connectionState === 'established' || there.state !== 'established' || there.packet === null)
    return false;
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
