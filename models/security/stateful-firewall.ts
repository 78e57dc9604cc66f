import { makePacket, Protocol, TcpFlag, type Packet } from '../network/packet.ts';
import type { DropCause } from '../observations.ts';
import type { Attachment, ConnectionTracker } from './connection-tracker.ts';
import { Field } from './entry-layout.ts';
import type { ConnectionState, Judgement, Nse, Passage, Verdict } from './nse.ts';
import type { RuleContext, RuleOutcome, Stage } from './rule-context.ts';
import type { RuleTable } from './rule-table.ts';
import { tcpFlagsValid } from './tcp-transitions.ts';

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
 * A stateful firewall as nftables and connection tracking make one: the rules before tracking, the tracker, the
 * filter rules, and at the end the new entry's confirmation.
 *
 * Several firewalls may share one tracker, one for each VM: what tells their entries apart, if anything, is
 * their {@link TablePlace}.
 */
export class StatefulFirewall implements Nse {
  readonly name: string;
  readonly tracker: ConnectionTracker;
  readonly #place: TablePlace;
  #rules: RuleTable | null = null;
  readonly #judgement: Writable<Judgement>;
  readonly #context: RuleContext;
  #asking = false;

  constructor(name: string, tracker: ConnectionTracker, place: TablePlace) {
    this.name = name;
    this.tracker = tracker;
    this.#place = place;
    this.#judgement = {
      verdict: 'accept',
      cause: null,
      connectionState: null,
      packet: noPacket,
      rulesEvaluated: 0,
      entryCreated: false,
    };
    this.#context = {
      packet: noPacket,
      inInterface: '',
      outInterface: '',
      connectionState: 'untracked',
      connectionStatus: 0,
      connectionMark: 0,
      direction: 'original',
      zone: 0,
      mark: 0,
      helper: '',
      counted: true,
    };
  }

  get rules(): RuleTable | null {
    return this.#rules;
  }

  /** Replaces the rules; entries stay. Null: no rules, everything passes and nothing is tracked. */
  setRules(rules: RuleTable | null): void {
    this.#rules = rules;
  }

  inspect(packet: Packet, passage: Passage, nowNs: number): Judgement {
    return this.#judge(packet, passage, nowNs, false);
  }

  ask(packet: Packet, passage: Passage, nowNs: number): Judgement {
    return this.#judge(packet, passage, nowNs, true);
  }

  #judge(packet: Packet, passage: Passage, nowNs: number, asking: boolean): Judgement {
    const judgement = this.#judgement;
    judgement.packet = packet;
    judgement.rulesEvaluated = 0;
    judgement.entryCreated = false;
    judgement.connectionState = 'untracked';
    const rules = this.#rules;
    if (rules === null) return this.#end('accept', null);
    this.#asking = asking;
    const context = this.#prepare(packet, passage);

    let zone = this.#place.zone;
    let tracked = true;
    if (rules.has('prerouting-raw')) {
      const raw = this.#evaluate(rules, 'prerouting-raw');
      if (raw.verdict !== 'accept') return this.#end('drop', 'rule');
      if (raw.zone >= 0) zone = raw.zone;
      tracked = !raw.notrack;
    }
    if (tracked) {
      const attachment = this.tracker.track(packet, zone, nowNs, asking);
      judgement.connectionState = attachment.state;
      if (attachment.state === null) return this.#end('drop', 'table-full');
      this.#show(attachment, attachment.state, zone);
    }
    for (const stage of filterStages) {
      if (!rules.has(stage)) continue;
      if (this.#evaluate(rules, stage).verdict !== 'accept') return this.#end('drop', this.#causeOf(packet));
      this.#writeMark(context);
    }
    return tracked ? this.#confirm() : this.#end('accept', null);
  }

  #confirm(): Judgement {
    const { attachment } = this.tracker;
    if (!attachment.hasEntry) return this.#end('accept', null);
    const { words, base } = attachment;
    const place = this.#place;
    words[base + Field.mark]! |= place.mark;
    if (place.interface !== 0)
      words[base + Field.interfaces] = joined(words[base + Field.interfaces]!, place);
    const fresh = attachment.row < 0 && !attachment.met;
    if (!this.tracker.confirm()) return this.#end('drop', 'table-full');
    this.#judgement.entryCreated = fresh;
    return this.#end('accept', null);
  }

  #prepare(packet: Packet, passage: Passage): RuleContext {
    const context = this.#context;
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
    context.counted = !this.#asking;
    return context;
  }

  #show(attachment: Attachment, state: ConnectionState, zone: number): void {
    const context = this.#context;
    context.connectionState = state;
    if (!attachment.hasEntry) return;
    const { words, base } = attachment;
    context.connectionStatus = words[base + Field.status]!;
    context.connectionMark = words[base + Field.mark]! >>> 0;
    context.direction = attachment.direction === 0 ? 'original' : 'reply';
    context.zone = zone;
  }

  #evaluate(rules: RuleTable, stage: Stage): RuleOutcome {
    const outcome = rules.evaluate(stage, this.#context);
    this.#judgement.rulesEvaluated += outcome.rulesEvaluated;
    this.#context.mark = outcome.mark;
    this.#context.connectionMark = outcome.connectionMark;
    return outcome;
  }

  #writeMark(context: RuleContext): void {
    const { attachment } = this.tracker;
    if (attachment.hasEntry && context.connectionState !== 'untracked')
      attachment.words[attachment.base + Field.mark] = context.connectionMark;
  }

  #causeOf(packet: Packet): DropCause {
    const state = this.#judgement.connectionState;
    const tcp = packet.protocol === Protocol.tcp;
    if (state === 'invalid') {
      const broken = !packet.checksumValid || (tcp && !tcpFlagsValid(packet.tcpFlags));
      return broken || this.tracker.attachment.met ? 'invalid' : 'no-entry';
    }
    const opens = (packet.tcpFlags & (TcpFlag.syn | TcpFlag.ack)) === TcpFlag.syn;
    return state === 'new' && tcp && !opens ? 'no-entry' : 'rule';
  }

  #end(verdict: Verdict, cause: DropCause | null): Judgement {
    this.#judgement.verdict = verdict;
    this.#judgement.cause = cause;
    return this.#judgement;
  }
}

const noPacket = makePacket({});

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const filterStages = ['prerouting-mangle', 'prerouting-filter', 'forward', 'postrouting'] as const;

/** Adds a local interface to the one or two that an entry refers to. */
function joined(interfaces: number, place: TablePlace): number {
  const first = interfaces & 0xffff;
  if (first === 0) return place.interface;
  if (first === place.interface || interfaces >>> 16 !== 0) return interfaces;
  return first | (place.interface << 16);
}
