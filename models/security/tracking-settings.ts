/** Lifetimes of entries by protocol and state, in whole seconds as in the sysctls `nf_conntrack_*_timeout*`. */
export interface TrackingTimeouts {
  readonly tcpSynSentS: number;
  readonly tcpSynRecvS: number;
  readonly tcpEstablishedS: number;
  readonly tcpFinWaitS: number;
  readonly tcpCloseWaitS: number;
  readonly tcpLastAckS: number;
  readonly tcpTimeWaitS: number;
  readonly tcpCloseS: number;
  readonly tcpMaxRetransS: number;
  readonly tcpUnacknowledgedS: number;
  readonly udpS: number;
  readonly udpStreamS: number;
  readonly icmpS: number;
  readonly icmpv6S: number;
  readonly genericS: number;
  /** How long an incomplete IPv6 datagram's fragments are kept. */
  readonly fragmentsS: number;
}

/**
 * How TCP windows are tested. `linux-6.18` knows three outcomes: in window, ignored (passes and changes
 * nothing) and invalid; it is so since Linux 6.1 (commit 6e250dcbff1d). Before, in the `four-way` test, a segment
 * that misses any of the four bounds is invalid. `linux-3.6` is the four-way test as it was before Linux 3.7
 * (commit 4a70bbfaef03): of a segment that takes no sequence number, only the acknowledgement is tested.
 */
export type WindowTest = 'linux-6.18' | 'four-way' | 'linux-3.6';

/** The settings of one connection tracker, named after the sysctls `net.netfilter.nf_conntrack_*`. */
export interface TrackingSettings {
  /** Entries above which new connections are refused; 0 means no limit. */
  readonly entriesMax: number;
  /** Hash buckets; early drop looks for victims in eight of them. */
  readonly buckets: number;
  /** Pick up connections in the middle (`tcp_loose`). */
  readonly tcpLoose: boolean;
  /** Mark only out-of-window RST segments invalid (`tcp_be_liberal`). */
  readonly tcpBeLiberal: boolean;
  readonly tcpIgnoreInvalidRst: boolean;
  readonly tcpMaxRetrans: number;
  /** Test transport checksums. */
  readonly checksum: boolean;
  readonly windowTest: WindowTest;
  readonly timeouts: TrackingTimeouts;
  /** Seeds the hash of tuples; a kernel draws its own at every boot. */
  readonly hashSeed: number;
  /** Removals remembered for `removedSince`. */
  readonly removalsRemembered: number;
}

/**
 * Defaults of Linux 6.18 on a machine with at least 4 GiB of memory: kernel documentation
 * `networking/nf_conntrack-sysctl.rst`, and as read from a running 6.18.44.
 */
export const linuxDefaults: TrackingSettings = {
  entriesMax: 262_144,
  buckets: 262_144,
  tcpLoose: true,
  tcpBeLiberal: false,
  tcpIgnoreInvalidRst: false,
  tcpMaxRetrans: 3,
  checksum: true,
  windowTest: 'linux-6.18',
  timeouts: {
    tcpSynSentS: 120,
    tcpSynRecvS: 60,
    tcpEstablishedS: 432_000,
    tcpFinWaitS: 120,
    tcpCloseWaitS: 60,
    tcpLastAckS: 30,
    tcpTimeWaitS: 120,
    tcpCloseS: 10,
    tcpMaxRetransS: 300,
    tcpUnacknowledgedS: 300,
    udpS: 30,
    udpStreamS: 120,
    icmpS: 30,
    icmpv6S: 30,
    genericS: 600,
    fragmentsS: 60,
  },
  hashSeed: 1,
  removalsRemembered: 65_536,
};

/** Length of a kernel tick; ages and timeouts are counted in ticks (CONFIG_HZ=250, as measured). */
export const tickNs = 4_000_000;

/** The tick of a time, modulo 2^32 as a signed word: compare two ticks by the sign of their difference. */
export function tickOf(timeNs: number): number {
  return Math.floor(timeNs / tickNs) | 0;
}

/** Ticks in so many seconds. */
export function ticks(seconds: number): number {
  return Math.floor(seconds * 250) | 0;
}
