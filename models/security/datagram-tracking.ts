import { Protocol } from '../network/packet.ts';
import { Field, Status } from './entry-layout.ts';
import { refresh, type TrackingContext } from './tcp-tracking.ts';
import { Lifetime } from './tracking-timeouts.ts';
import { ticks } from './tracking-settings.ts';

/** Starts a UDP entry: two-way traffic makes it a stream only after two seconds. */
export function openUdp(words: Int32Array, base: number, context: TrackingContext): void {
  words[base + Field.udpStreamFrom] = context.nowTick + ticks(2);
}

/**
 * Follows a UDP flow by one datagram. A flow counts as a stream, and becomes assured, when a datagram of either
 * direction comes more than two seconds after the first and the answer was seen before that datagram.
 * Source: Linux 6.18, net/netfilter/nf_conntrack_proto_udp.c, `nf_conntrack_udp_packet`.
 */
export function trackUdp(words: Int32Array, base: number, context: TrackingContext): void {
  const { timeouts, nowTick } = context;
  const status = words[base + Field.status]!;
  const old = ((nowTick - words[base + Field.udpStreamFrom]!) | 0) > 0;
  if ((status & Status.seenReply) === 0 || !old) {
    refresh(words, base, timeouts[Lifetime.udp]!, context);
    return;
  }
  refresh(words, base, timeouts[Lifetime.udpStream]!, context);
  words[base + Field.status] = status | Status.assured;
}

/** Follows ICMP queries, which may be answered more than once, and protocols without a tracker of their own. */
export function trackOther(
  words: Int32Array,
  base: number,
  protocol: number,
  context: TrackingContext,
): void {
  const lifetime =
    protocol === Protocol.icmp
      ? Lifetime.icmp
      : protocol === Protocol.icmpv6
        ? Lifetime.icmpv6
        : Lifetime.generic;
  refresh(words, base, context.timeouts[lifetime]!, context);
}

/** Whether an ICMP or ICMPv6 message of this type may open an entry: requests that have answers. */
export function opensQuery(protocol: number, type: number): boolean {
  if (protocol === Protocol.icmp) return type === 8 || type === 13 || type === 15 || type === 17;
  return type === 128 || type === 139;
}

/** What kind of message an ICMP or ICMPv6 type is to connection tracking. */
export type IcmpKind = 'query' | 'error' | 'untracked' | 'unknown';

/**
 * Sources: Linux 6.18, nf_conntrack_proto_icmp.c, nf_conntrack_proto_icmpv6.c. ICMPv6 errors are all types
 * below 128 (RFC 4443, 2.1), neighbour and group discovery is never tracked.
 */
export function icmpKind(protocol: number, type: number): IcmpKind {
  if (protocol === Protocol.icmp) {
    if (type > 18) return 'unknown';
    return type === 3 || type === 4 || type === 5 || type === 11 || type === 12 ? 'error' : 'query';
  }
  if ((type >= 130 && type <= 136) || type === 143) return 'untracked';
  return type < 128 ? 'error' : 'query';
}
