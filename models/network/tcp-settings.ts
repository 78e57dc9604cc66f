import { ms, s } from '../../sim/time.ts';

/**
 * What a TCP endpoint does, beside the protocol itself. `linux-2.6` recovers by timeouts and duplicate ACKs
 * alone; `linux-6.x` adds RACK and tail-loss probes and sends its first SYN retries at even distances.
 */
export interface TcpSettings {
  readonly age: 'linux-2.6' | 'linux-6.x';
  readonly segmentBytesMax: number;
  /** Receive buffer; what is announced as window when nothing waits. */
  readonly receiveBufferBytes: number;
  readonly rtoMinNs: number;
  readonly rtoMaxNs: number;
  /** RTO before the first RTT sample (RFC 6298, 2.1). */
  readonly rtoInitialNs: number;
  /** Data timeouts after the first that are endured; the next one ends the connection (tcp_retries2). */
  readonly retriesMax: number;
  /** Retries of a SYN that back off (tcp_syn_retries). */
  readonly synRetries: number;
  /** Retries of a SYN at even distances before those (tcp_syn_linear_timeouts). */
  readonly synLinearRetries: number;
  readonly synAckRetries: number;
  readonly timeWaitNs: number;
}

/** Linux 2.6.32: Documentation/networking/ip-sysctl.txt and include/net/tcp.h, TCP_TIMEOUT_INIT 3 s. */
export const linux26: TcpSettings = {
  age: 'linux-2.6',
  segmentBytesMax: 1460,
  receiveBufferBytes: 65535,
  rtoMinNs: 200 * ms,
  rtoMaxNs: 120 * s,
  rtoInitialNs: 3 * s,
  retriesMax: 15,
  synRetries: 5,
  synLinearRetries: 0,
  synAckRetries: 5,
  timeWaitNs: 60 * s,
};

/** Linux 6.18: Documentation/networking/ip-sysctl.rst and include/net/tcp.h. */
export const linux6: TcpSettings = {
  ...linux26,
  age: 'linux-6.x',
  rtoInitialNs: 1 * s,
  synRetries: 6,
  synLinearRetries: 4,
};
