import type { Writable } from '../../sim/writable.ts';
import { makePacket, Protocol, TcpFlag, type Packet } from '../network/packet.ts';
import type { DropCause } from '../observations.ts';
import { bridgeAddressing, type Addressing } from './addressing.ts';
import type { ConnectionTracker } from './connection-tracker.ts';
import { Field } from './entry-layout.ts';
import { FtpTracking } from './ftp-tracking.ts';
import { FragmentQueues } from './fragment-queues.ts';
import { NatHooks } from './nat-hooks.ts';
import type { NatSide } from './nat-binding.ts';
import type { Judgement, Nse, Passage, Verdict } from './nse.ts';
import { bareContext, type RuleOutcome, type Stage } from './rule-context.ts';
import type { RuleTable, StageChains } from './rule-table.ts';
import { tcpFlagsValid } from './tcp-transitions.ts';
import { zoneWord, type ZoneDirection } from './zone-word.ts';

/** Where a firewall's entries stand among those of others that share its tracker. */
export interface TablePlace {
  /** Zone of all packets that the rules do not put into another. */
  readonly zone: number;
  /** Bits set in the mark of every entry that passes. */
  readonly mark: number;
  /** Number of the local interface behind it, from 1; 0 for none. */
  readonly interface: number;
}

export const sharedPlace: TablePlace = { zone: 0, mark: 0, interface: 0 };

/**
 * A stateful firewall as nftables, connection tracking and NAT make one. A packet passes, in this order:
 * reassembly, the rules before tracking, the tracker, destination NAT, the filter rules, source NAT, and the
 * confirmation of its entry if it is new (Linux 6.18, priorities of include/uapi/linux/netfilter_ipv4.h).
 *
 * Several firewalls may share one tracker, one for each VM: what tells their entries apart, if anything, is
 * their {@link TablePlace}.
 */
export class StatefulFirewall implements Nse {
  readonly name: string;
  readonly tracker: ConnectionTracker;
  private readonly place: TablePlace;
  private addressing: Addressing = bridgeAddressing;
  private readonly fragments = new FragmentQueues();
  private readonly nat: NatHooks;
  private readonly helper: FtpTracking;
  private loaded: RuleTable | null = null;
  private readonly judgement: Writable<Judgement>;
  private asking = false;
  private tracked = false;

  constructor(name: string, tracker: ConnectionTracker, place: TablePlace) {
    this.name = name;
    this.tracker = tracker;
    this.place = place;
    this.nat = new NatHooks(tracker);
    this.helper = new FtpTracking(tracker);
    this.judgement = {
      verdict: 'accept',
      cause: null,
      connectionState: null,
      packet: noPacket,
      rulesEvaluated: 0,
      entryCreated: false,
    };
  }

  get rules(): RuleTable | null {
    return this.loaded;
  }

  /**
   * Replaces the rules; entries stay. Null: no rules, everything passes and nothing is tracked. Without a NAT
   * chain not even connections that have a translation are translated.
   */
  setRules(rules: RuleTable | null): void {
    this.loaded = rules;
    this.nat.setRules(rules);
  }

  /** Tells the addresses and routes of the host; without, the firewall is a bridge. */
  setAddressing(addressing: Addressing): void {
    this.addressing = addressing;
    this.nat.setAddressing(addressing);
  }

  inspect(packet: Packet, passage: Passage, nowNs: number): Judgement {
    return this.judge(packet, passage, nowNs, false);
  }

  ask(packet: Packet, passage: Passage, nowNs: number): Judgement {
    return this.judge(packet, passage, nowNs, true);
  }

  /** Sends a packet that the host itself made; its checksum is right. */
  emit(packet: Packet, passage: Passage, nowNs: number): Judgement {
    const rules = this.start(packet, passage, false);
    if (rules === null) return this.end('accept', null);
    if (!this.track(this.place.zone, 'both', nowNs)) return this.end('drop', 'table-full');
    if (!this.passes(rules, rules.filters.output)) return this.refuse();
    if (rules.translates && !this.translate('destination', 'output-nat')) return this.refuse();
    return this.leave(rules);
  }

  private judge(packet: Packet, passage: Passage, nowNs: number, asking: boolean): Judgement {
    const rules = this.start(packet, passage, asking);
    if (rules === null) return this.end('accept', null);
    if (packet.fragmentOffsetBytes >= 0 && !this.complete(packet, nowNs)) return this.end('hold', null);

    let { zone } = this.place;
    let zoneDirection: ZoneDirection = 'both';
    let notrack = false;
    const { raw: rawChains, mangle, prerouting, forward } = rules.filters;
    if (rawChains !== null) {
      const raw = this.evaluate(rules, rawChains);
      if (raw.verdict !== 'accept') return this.end('drop', 'rule');
      if (raw.zone >= 0) ({ zone, zoneDirection } = raw);
      notrack = raw.notrack;
    }
    if (!notrack && !this.track(zone, zoneDirection, nowNs)) return this.end('drop', 'table-full');
    if (!this.passes(rules, mangle)) return this.refuse();
    if (rules.translates && !this.translate('destination', 'prerouting-nat')) return this.refuse();
    if (!this.passes(rules, prerouting)) return this.refuse();

    const { source, destination } = context.packet;
    // An IPv4 packet from an own address is a martian (RFC 1812, 5.3.7); routing drops it.
    if (source.family === 4 && this.addressing.isLocal(source)) return this.end('drop', 'unroutable');
    if (this.addressing.isLocal(destination)) return this.deliver(rules);
    const outInterface = this.addressing.outInterface(destination, passage);
    context.outInterface = outInterface;
    if (outInterface === '' && passage.outInterface !== '') return this.end('drop', 'unroutable');
    if (!this.passes(rules, forward)) return this.refuse();
    return this.leave(rules);
  }

  /** The packet is for the host itself: the verdict is `local`, with a cause if the rules refuse it there. */
  private deliver(rules: RuleTable): Judgement {
    context.outInterface = '';
    const accepted =
      this.passes(rules, rules.filters.input) &&
      (!rules.translates || this.translate('source', 'input-nat')) &&
      this.confirm();
    return this.end('local', accepted ? null : this.causeOf(context.packet));
  }

  private leave(rules: RuleTable): Judgement {
    if (!this.passes(rules, rules.filters.postrouting)) return this.refuse();
    if (rules.translates && !this.translate('source', 'postrouting-nat')) return this.refuse();
    return this.confirm() ? this.end('accept', null) : this.end('drop', 'table-full');
  }

  private start(packet: Packet, passage: Passage, asking: boolean): RuleTable | null {
    const judgement = this.judgement;
    judgement.packet = packet;
    judgement.rulesEvaluated = 0;
    judgement.entryCreated = false;
    judgement.connectionState = 'untracked';
    this.asking = asking;
    this.tracked = false;
    context.packet = packet;
    context.inInterface = passage.inInterface;
    context.outInterface = passage.outInterface;
    context.connectionState = 'untracked';
    context.connectionStatus = 0;
    context.connectionMark = 0;
    context.direction = 'original';
    context.zone = 0;
    context.mark = 0;
    context.helper = '';
    context.counted = !asking;
    return this.loaded;
  }

  /** Joins a fragment to its datagram; true when that is whole, and the context's packet from then on. */
  private complete(fragment: Packet, nowNs: number): boolean {
    const lifetimeS =
      fragment.source.family === 4 ? ipv4FragmentsS : this.tracker.settings.timeouts.fragmentsS;
    const whole = this.fragments.add(fragment, nowNs, lifetimeS * 1e9, this.asking);
    if (whole === null) return false;
    context.packet = whole;
    this.judgement.packet = whole;
    return true;
  }

  /** False when the table is full. */
  private track(zone: number, direction: ZoneDirection, nowNs: number): boolean {
    const word = direction === 'both' ? zone : zoneWord(zone, 0, direction);
    const attachment = this.tracker.track(context.packet, word, nowNs, this.asking);
    const { state } = attachment;
    this.judgement.connectionState = state;
    if (state === null) return false;
    this.tracked = true;
    context.connectionState = state;
    context.zone = zone;
    if (!attachment.hasEntry) return true;
    const { words, base } = attachment;
    context.connectionStatus = words[base + Field.status]!;
    context.connectionMark = words[base + Field.mark]! >>> 0;
    context.direction = attachment.direction === 0 ? 'original' : 'reply';
    return true;
  }

  /** Whether the filter rules of a stage accept the packet; without a chain they do. */
  private passes(rules: RuleTable, chains: StageChains | null): boolean {
    if (chains === null) return true;
    const outcome = this.evaluate(rules, chains);
    const { attachment } = this.tracker;
    if (this.tracked && attachment.hasEntry)
      attachment.words[attachment.base + Field.mark] = outcome.connectionMark;
    if (outcome.helper !== '') this.helper.attach(outcome.helper);
    return outcome.verdict === 'accept';
  }

  private evaluate(rules: RuleTable, chains: StageChains): RuleOutcome {
    const outcome = rules.walk(chains, context);
    this.judgement.rulesEvaluated += outcome.rulesEvaluated;
    context.mark = outcome.mark;
    context.connectionMark = outcome.connectionMark;
    return outcome;
  }

  /** Binds and translates one side; false when the packet must not go on. */
  private translate(side: NatSide, stage: Stage): boolean {
    if (!this.tracked || !this.tracker.attachment.hasEntry) return true;
    const evaluated = this.nat.bind(side, stage, context);
    this.judgement.rulesEvaluated += evaluated;
    const translated =
      evaluated < 0 ? null : this.nat.translate(side, context.packet, context.connectionState);
    if (translated === null) return false;
    context.packet = translated;
    this.judgement.packet = translated;
    const { attachment } = this.tracker;
    context.connectionStatus = attachment.words[attachment.base + Field.status]!;
    return true;
  }

  private confirm(): boolean {
    const { attachment } = this.tracker;
    if (!this.tracked || !attachment.hasEntry) return true;
    const { words, base } = attachment;
    const place = this.place;
    words[base + Field.mark]! |= place.mark;
    if (place.interface !== 0)
      words[base + Field.interfaces] = joined(words[base + Field.interfaces]!, place);
    if (context.connectionState === 'established') {
      if (!this.helper.read(context.packet, this.tracker.nowNs, this.asking)) return false;
    }
    const fresh = attachment.row < 0 && !attachment.met;
    if (!this.tracker.confirm()) return false;
    this.judgement.entryCreated = fresh;
    return true;
  }

  private refuse(): Judgement {
    return this.end('drop', this.causeOf(context.packet));
  }

  private causeOf(packet: Packet): DropCause {
    const state = this.judgement.connectionState;
    const tcp = packet.protocol === Protocol.tcp;
    if (state === 'invalid') {
      const broken = !packet.checksumValid || (tcp && !tcpFlagsValid(packet.tcpFlags));
      return broken || this.tracker.attachment.met ? 'invalid' : 'no-entry';
    }
    const opens = (packet.tcpFlags & (TcpFlag.syn | TcpFlag.ack)) === TcpFlag.syn;
    return state === 'new' && tcp && !opens ? 'no-entry' : 'rule';
  }

  private end(verdict: Verdict, cause: DropCause | null): Judgement {
    this.judgement.verdict = verdict;
    this.judgement.cause = cause;
    return this.judgement;
  }
}

const noPacket = makePacket({});

/** Seconds that fragments are kept, sysctl net.ipv4.ipfrag_time. */
const ipv4FragmentsS = 30;

/** What rules see of the packet that is being judged: one for all firewalls, of which one is at work. */
const context = bareContext(noPacket);

/** Adds a local interface to the one or two that an entry refers to. */
function joined(interfaces: number, place: TablePlace): number {
  const first = interfaces & 0xffff;
  if (first === 0) return place.interface;
  if (first === place.interface || interfaces >>> 16 !== 0) return interfaces;
  return first | (place.interface << 16);
}
