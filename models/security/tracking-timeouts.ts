import { ticks, type TrackingTimeouts } from './tracking-settings.ts';

/** Places of the lifetimes in {@link timeoutTicks}: TCP states come first, by their numbers. */
export const Lifetime = {
  maxRetrans: 10,
  unacknowledged: 11,
  udp: 12,
  udpStream: 13,
  icmp: 14,
  icmpv6: 15,
  generic: 16,
} as const;

/**
 * SYN_SENT2 has no sysctl: it lives as long as it does by default, whatever SYN_SENT is set to. Source: Linux
 * 6.18, net/netfilter/nf_conntrack_proto_tcp.c, tcp_timeouts; measured: results/reference/fuzz-conntrack.json.gz.
 */
const synSent2S = 120;

/** All lifetimes in ticks, in the order of the TCP states and then of {@link Lifetime}: one array for each set of them. */
export function timeoutTicks(timeouts: TrackingTimeouts): Int32Array {
  const known = inTicks.get(timeouts);
  if (known !== undefined) return known;
  const made = Int32Array.from(
    [
      timeouts.tcpSynSentS, // NONE is never looked up; the kernel keeps SYN_SENT's there
      timeouts.tcpSynSentS,
      timeouts.tcpSynRecvS,
      timeouts.tcpEstablishedS,
      timeouts.tcpFinWaitS,
      timeouts.tcpCloseWaitS,
      timeouts.tcpLastAckS,
      timeouts.tcpTimeWaitS,
      timeouts.tcpCloseS,
      synSent2S,
      timeouts.tcpMaxRetransS,
      timeouts.tcpUnacknowledgedS,
      timeouts.udpS,
      timeouts.udpStreamS,
      timeouts.icmpS,
      timeouts.icmpv6S,
      timeouts.genericS,
    ],
    ticks,
  );
  inTicks.set(timeouts, made);
  return made;
}

const inTicks = new WeakMap<TrackingTimeouts, Int32Array>();
