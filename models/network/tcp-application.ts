import type { TcpEndpoint } from './tcp-endpoint.ts';

/** What uses a connection at one end. Bytes are counted, not kept: messages are byte ranges. */
export interface TcpApplication {
  established(endpoint: TcpEndpoint): void;
  /** That many bytes more have arrived in order. */
  delivered(endpoint: TcpEndpoint, bytes: number): void;
  /** The other end will send no more; most answer with `close`. */
  finished(endpoint: TcpEndpoint): void;
  /** The connection is over; nothing follows. */
  closed(endpoint: TcpEndpoint, how: TcpOutcome): void;
}

export type TcpOutcome = 'closed' | 'reset' | 'timed-out';
