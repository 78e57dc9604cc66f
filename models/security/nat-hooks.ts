import type { Packet } from '../network/packet.ts';
import { Protocol } from '../network/packet.ts';
import { bridgeAddressing, type Addressing } from './addressing.ts';
import type { ConnectionTracker } from './connection-tracker.ts';
import { Field, Status } from './entry-layout.ts';
import { NatBinding, selfRange, type NatRange, type NatSide } from './nat-binding.ts';
import { translate, translateError } from './nat-translation.ts';
import type { ConnectionState } from './nse.ts';
import type { NatRequest, RuleContext, Stage } from './rule-context.ts';
import type { RuleTable } from './rule-table.ts';

/**
 * What NAT does at its hooks: the rules are asked once for each side of a new connection, and from then on
 * every packet of it is rewritten. Where no rule applies the connection is bound to itself, which may still
 * change its source port. Source: Linux 6.18, nf_nat_core.c, `nf_nat_inet_fn`.
 */
export class NatHooks {
  private readonly tracker: ConnectionTracker;
  private addressing: Addressing = bridgeAddressing;
  private readonly binding: NatBinding;
  private rules: RuleTable | null = null;

  constructor(tracker: ConnectionTracker) {
    this.tracker = tracker;
    this.binding = new NatBinding(tracker);
  }

  setAddressing(addressing: Addressing): void {
    this.addressing = addressing;
  }

  setRules(rules: RuleTable | null): void {
    this.rules = rules;
  }

  /**
   * Chooses the translation of one side of a new connection. Returns how many rules were looked at, or -1 when
   * the packet must be dropped: the masqueraded connection now leaves by another interface.
   */
  bind(side: NatSide, stage: Stage, context: RuleContext): number {
    const { attachment } = this.tracker;
    const { words, base } = attachment;
    const done = side === 'source' ? Status.sourceNatDone : Status.destinationNatDone;
    const opening = context.connectionState === 'new' || context.connectionState === 'related';
    const bound = (words[base + Field.status]! & done) !== 0;
    if (!opening || bound) return side === 'source' && this.movedAway(context) ? -1 : 0;
    const icmpError = context.connectionState === 'related' && attachment.met;
    if (icmpError) return 0;
    const outcome = this.rules!.evaluate(stage, context);
    if ((words[base + Field.status]! & Status.confirmed) !== 0) return outcome.rulesEvaluated;
    if (outcome.nat === null) this.bindTo(side, selfRange);
    else this.bindAs(side, outcome.nat, context);
    return outcome.rulesEvaluated;
  }

  /** The packet as it goes on; null when it cannot be rewritten. */
  translate(side: NatSide, packet: Packet, state: ConnectionState): Packet | null {
    const { attachment } = this.tracker;
    const icmp = packet.protocol === Protocol.icmp || packet.protocol === Protocol.icmpv6;
    if (state === 'related' && icmp && packet.quoted !== null)
      return translateError(packet, attachment, side);
    return translate(packet, attachment, side);
  }

  private bindAs(side: NatSide, request: NatRequest, context: RuleContext): void {
    const range = this.rangeOf(request, context);
    this.bindTo(side, range ?? selfRange);
    if (request.action !== 'masquerade') return;
    const { words, base } = this.tracker.attachment;
    const number = this.tracker.interfaceNumbers.of(context.outInterface);
    words[base + Field.lastWindow] = (words[base + Field.lastWindow]! & 0xffff) | (number << 16);
  }

  private bindTo(side: NatSide, range: NatRange): void {
    const { words, base } = this.tracker.attachment;
    this.binding.bind(words, base, this.tracker.family, side, range);
  }

  /** Null when the interface has no address to translate to. */
  private rangeOf(request: NatRequest, context: RuleContext): NatRange | null {
    const { family } = context.packet.source;
    let { addresses } = request;
    if (request.action === 'masquerade' || request.action === 'redirect') {
      const name = request.action === 'masquerade' ? context.outInterface : context.inInterface;
      const own = this.addressing.interfaceAddress(name, family);
      if (own === null) return null;
      addresses = { low: own, high: own };
    }
    const { flags, ports } = request;
    return {
      addresses,
      ports,
      fullyRandom: flags.includes('fully-random') || flags.includes('random'),
      persistent: flags.includes('persistent'),
    };
  }

  /** A masqueraded connection belongs to the interface it was bound for. */
  private movedAway(context: RuleContext): boolean {
    const { attachment } = this.tracker;
    const { words, base, direction } = attachment;
    const bound = words[base + Field.lastWindow]! >>> 16;
    if (direction !== 0 || bound === 0 || context.outInterface === '') return false;
    if (bound === this.tracker.interfaceNumbers.of(context.outInterface)) return false;
    if (attachment.row >= 0) this.tracker.killAttached();
    return true;
  }
}
