import type { Packet } from '../network/packet.ts';
import { formatAddress } from '../network/address.ts';
import type { Divergence, Observations } from '../observations.ts';
import type { Judgement, Passage } from './nse.ts';
import type { Policy, SecurityEngine, Subject } from './security-engine.ts';

/** What the reference answered, kept while the engine under test answers. */
interface Answer {
  accepted: boolean;
  state: Judgement['connectionState'];
}

/**
 * An engine with the VM's rules as of now and a table of its own that never moves. It is asked about each
 * packet of the VM and told only of packets that really passed; where the engine under test answers otherwise,
 * protection or service is lost.
 */
export class Reference {
  readonly #vm: Subject;
  readonly #engine: SecurityEngine;
  readonly #observations: Observations;
  readonly #answer: Answer = { accepted: true, state: null };
  readonly #diverged = new Set<string>();
  #askedNs = 0;
  readonly #watchers: ((packet: Packet | null) => void)[] = [];

  constructor(vm: Subject, engine: SecurityEngine, observations: Observations) {
    this.#vm = vm;
    this.#engine = engine;
    this.#observations = observations;
  }

  setPolicy(policy: Policy): void {
    this.#engine.setPolicy(this.#vm, policy);
    this.touched(null);
  }

  /** Whether a packet would pass where the VM had never moved. */
  wouldPass(packet: Packet, passage: Passage, nowNs: number): boolean {
    return this.#engine.ask(this.#vm, packet, passage, nowNs).verdict === 'accept';
  }

  /** Calls back whenever the VM’s context may differ from before, with the packet that did it if it was one. */
  watch(watcher: (packet: Packet | null) => void): void {
    this.#watchers.push(watcher);
  }

  /** Says that the VM’s context, or where it runs, has changed. */
  touched(packet: Packet | null): void {
    for (const watcher of this.#watchers) watcher(packet);
  }

  ask(packet: Packet, passage: Passage, nowNs: number): void {
    const judgement = this.#engine.ask(this.#vm, packet, passage, nowNs);
    this.#answer.accepted = judgement.verdict === 'accept';
    this.#answer.state = judgement.connectionState;
    this.#askedNs = nowNs;
  }

  tell(packet: Packet, passage: Passage, nowNs: number): void {
    this.#engine.inspect(this.#vm, packet, passage, nowNs);
  }

  /** Publishes a divergence when the engine's judgement is not the answer that `ask` got. */
  compare(host: string, engine: SecurityEngine, judgement: Judgement, packet: Packet): void {
    const accepted = judgement.verdict === 'accept';
    if (accepted === this.#answer.accepted || !this.#observations.divergence.observed) return;
    const key = tupleKey(packet);
    const first = !this.#diverged.has(key);
    this.#diverged.add(key);
    this.#observations.divergence.publish({
      timeNs: this.#askedNs,
      host,
      vm: this.#vm.name,
      kind: accepted ? 'wrongly-accepted' : 'wrongly-dropped',
      cause: causeOf(engine.policy(this.#vm), judgement.connectionState, this.#answer.state, accepted),
      first,
      packet,
    });
  }
}

/** The cause of a divergence, from what the rules stood at and how each side's tracking saw the packet. */
function causeOf(
  policy: Policy,
  state: Judgement['connectionState'],
  referenceState: Judgement['connectionState'],
  accepted: boolean,
): Divergence['cause'] {
  if (policy.kind === 'no-engine') return 'open-chain';
  if (policy.kind === 'drop-all') return 'closed-chain';
  if (state === referenceState) return 'rules';
  const knownHere = state === 'established' || state === 'related';
  const knownThere = referenceState === 'established' || referenceState === 'related';
  if (accepted) {
    if (knownHere) return referenceState === 'invalid' ? 'window' : 'stale-entry';
    return state === 'new' && referenceState === 'invalid' ? 'loose-pick-up' : 'rules';
  }
  if (!knownThere) return 'rules';
  return state === 'invalid' ? 'window' : 'missing-entry';
}

/** One text for both directions of a flow. */
function tupleKey(packet: Packet): string {
  const from = `${formatAddress(packet.source)}:${packet.sourcePort}`;
  const to = `${formatAddress(packet.destination)}:${packet.destinationPort}`;
  return from < to ? `${packet.protocol} ${from} ${to}` : `${packet.protocol} ${to} ${from}`;
}
