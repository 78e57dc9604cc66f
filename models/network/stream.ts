import type { Signal } from '../../sim/signal.ts';

/** A byte stream between two hosts, over which a migration or a context transfer sends. */
export interface Stream {
  /**
   * Sends `bytes`, never faster than `capBps` (bits per second; Infinity for no cap). The signal fires when
   * the last byte has arrived. One transfer at a time: a second `send` before that is a bug.
   */
  send(bytes: number, capBps: number): Signal<void>;
}
