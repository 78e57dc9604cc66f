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

/** All lifetimes in ticks, in the order of the TCP states and then of {@link Lifetime}. */
export function timeoutTicks(timeouts: TrackingTimeouts): Int32Array {
  return Int32Array.from(
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
      timeouts.tcpSynSentS, // SYN_SENT2 has no sysctl of its own; its default is the same 120 s
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
}
