import { ms, s } from '../../sim/time.ts';
import type { CongestionControlKind } from './congestion-control.ts';
import { linux26Listen, linuxListen, type ListenSettings } from './listen-queue.ts';
import { timestampBytes } from './packet.ts';

/**
 * What a TCP endpoint does, beside the protocol itself. `linux-2.6` finds losses by duplicate and selective
 * ACKs and by timeouts; `linux-6.x` adds RACK and tail-loss probes (RFC 8985).
 */
export interface TcpSettings {
  readonly age: 'linux-2.6' | 'linux-6.x';
  /** The kernel's tick: timers expire at whole ticks, see {@link timerDelayNs}; 0 for exact timers. */
  readonly tickNs: number;
  /** Sends the last segment again before the timeout (RFC 8985, 7; tcp_early_retrans = 3). */
  readonly tailLossProbe: boolean;
  readonly congestionControl: CongestionControlKind;
  /**
   * What the threshold after a loss is a share of: the congestion window (Linux, net/ipv4/tcp_cong.c,
   * tcp_reno_ssthresh), or what is in flight without the lost and the selectively acknowledged (RFC 6675, 4, pipe; ns-3).
   */
  readonly thresholdOf: 'window' | 'pipe';
  /** Slow start ends before it overshoots (see {@link HyStart}); with CUBIC. */
  readonly hyStart: boolean;
  /**
   * How the window comes down to the threshold in recovery: at once, or over a round trip by what is delivered
   * (see {@link ProportionalRateReduction}; Linux since 3.2).
   */
  readonly rateReduction: 'at-once' | 'proportional';
  /** Doubts a timeout until new data tell that the old are lost (F-RTO with selective acknowledgements, RFC 5682, 3; tcp_frto = 2). */
  readonly doubtsTimeouts: boolean;
  readonly selectiveAcknowledgement: boolean;
  readonly segmentBytesMax: number;
  /** Several segments go down the stack as one packet, which the card takes apart (ethtool -K tso). */
  readonly segmentationOffload: boolean;
  /** Initial congestion window in segments. */
  readonly initialWindow: number;
  /** Largest receive window; it opens from 64 KiB by twice what arrives. */
  readonly receiveBufferBytes: number;
  /** Shift of the window in all packets but SYNs (RFC 7323, 2), -1 for none. */
  readonly windowScale: number;
  readonly delayedAckNs: number;
  /** Acknowledgements sent without delay where a transfer begins (include/net/tcp.h, TCP_MAX_QUICKACKS). */
  readonly quickAcks: number;
  /** What opens the congestion window: each ACK, or what it acknowledges (RFC 3465). */
  readonly windowGrowth: 'per-ack' | 'per-segment';
  readonly rtoMinNs: number;
  readonly rtoMaxNs: number;
  /** RTO before the first RTT sample (RFC 6298, 2.1). */
  readonly rtoInitialNs: number;
  /** RTO of data where the handshake gave none (RFC 6298, 5.7; TCP_TIMEOUT_FALLBACK). */
  readonly rtoFallbackNs: number;
  /** Data timeouts that are answered by a retransmission; the next one ends the connection (tcp_retries2). */
  readonly retriesMax: number;
  /** The same where no application holds the connection any more (tcp_orphan_retries; its 0 stands for 8). */
  readonly orphanRetriesMax: number;
  /** How long such an end waits for the other's FIN, at least (tcp_fin_timeout). */
  readonly finTimeoutNs: number;
  /** Retries of a SYN that back off (tcp_syn_retries). */
  readonly synRetries: number;
  /** Retries of a SYN at even distances before those (tcp_syn_linear_timeouts). */
  readonly synLinearRetries: number;
  readonly synAckRetries: number;
  /** Unacknowledged data end the connection this long after the first retransmission by timeout; Infinity for never. */
  readonly userTimeoutNs: number;
  readonly keepAlive: KeepAlive | null;
  readonly timeWaitNs: number;
  readonly listen: ListenSettings;
}

/** SO_KEEPALIVE with TCP_KEEPIDLE, TCP_KEEPINTVL and TCP_KEEPCNT. */
export interface KeepAlive {
  readonly idleNs: number;
  readonly intervalNs: number;
  readonly probesMax: number;
}

/**
 * Linux 2.6.32: Documentation/networking/ip-sysctl.txt; include/net/tcp.h, TCP_TIMEOUT_INIT 3 s. Exact timers. Only F-RTO is
 * that of kernels before 2.6.24, which enabled it (commit c96fd3d461fa).
 */
export const linux26: TcpSettings = {
  age: 'linux-2.6',
  tickNs: 0,
  tailLossProbe: false,
  congestionControl: 'cubic',
  thresholdOf: 'window',
  hyStart: false,
  rateReduction: 'at-once',
  doubtsTimeouts: false,
  selectiveAcknowledgement: true,
  segmentBytesMax: 1460,
  segmentationOffload: true,
  initialWindow: 3,
  receiveBufferBytes: 3_145_728,
  windowScale: 6,
  delayedAckNs: 40 * ms,
  quickAcks: 16,
  windowGrowth: 'per-ack',
  rtoMinNs: 200 * ms,
  rtoMaxNs: 120 * s,
  rtoInitialNs: 3 * s,
  rtoFallbackNs: 3 * s,
  retriesMax: 15,
  orphanRetriesMax: 8,
  finTimeoutNs: 60 * s,
  synRetries: 5,
  synLinearRetries: 0,
  synAckRetries: 5,
  userTimeoutNs: Infinity,
  keepAlive: null,
  timeWaitNs: 60 * s,
  listen: linux26Listen,
};

/** Linux 6.18 at 250 ticks a second: Documentation/networking/ip-sysctl.rst; include/net/tcp.h. */
export const linux6: TcpSettings = {
  ...linux26,
  age: 'linux-6.x',
  tickNs: 4 * ms,
  tailLossProbe: true,
  hyStart: true,
  rateReduction: 'proportional',
  doubtsTimeouts: true,
  windowGrowth: 'per-segment',
  initialWindow: 10,
  windowScale: 7,
  rtoInitialNs: 1 * s,
  synRetries: 6,
  synLinearRetries: 4,
  listen: linuxListen,
};

/** What ends of each age are, where nothing else is said. */
export const settingsOfAge: Readonly<Record<TcpSettings['age'], TcpSettings>> = {
  'linux-2.6': linux26,
  'linux-6.x': linux6,
};

/** Payload of a full segment beside timestamps, where both ends have these settings. */
export function stampedSegmentBytes({ segmentBytesMax }: TcpSettings): number {
  return segmentBytesMax - timestampBytes;
}
