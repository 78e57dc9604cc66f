import type { Signal } from '../../sim/signal.ts';

/** A byte stream between two hosts, over which a migration or a context transfer sends. */
export interface Stream {
  /** From the departure of a byte to its arrival; what acknowledges it takes as long. */
  readonly delayNs: number;
  /**
   * Sends `bytes`, never faster than `capBps` (bits per second; Infinity for no cap). The signal fires when
   * the last byte has arrived. One transfer at a time: a second `send` before the last byte has left, when `left`
   * is called, is a bug.
   */
  send(bytes: number, capBps: number, left?: () => void): Signal<void>;
}

/** A stream whose sender may go away. */
export interface EndingStream extends Stream {
  /**
   * Ends the transfer under way, whose signal does not fire unless its last byte has left; returns the bytes that
   * had not left. Nothing is sent after it.
   */
  close(): number;
}

/** For a transfer whose departure nobody waits for. */
export function nobodyWaits(): void {
  // Its arrival is told by its signal.
}
