import { assert } from '../../sim/assert.ts';
import { Signal } from '../../sim/signal.ts';
import type { Stream } from '../network/stream.ts';

interface Waiting {
  readonly bytes: number;
  readonly capBps: number;
  readonly arrived: Signal<void>;
}

/** Several senders on one stream: transfers go one after the other, in the order of their requests. */
export class SerialStream implements Stream {
  readonly #inner: Stream;
  readonly #waiting: Waiting[] = [];
  #busy = false;

  constructor(inner: Stream) {
    this.#inner = inner;
  }

  send(bytes: number, capBps: number): Signal<void> {
    assert(bytes >= 0, 'a transfer has a size');
    const arrived = new Signal<void>();
    this.#waiting.push({ bytes, capBps, arrived });
    if (!this.#busy) this.#next();
    return arrived;
  }

  #next(): void {
    const next = this.#waiting.shift();
    this.#busy = next !== undefined;
    if (next === undefined) return;
    this.#inner.send(next.bytes, next.capBps).listen(() => {
      next.arrived.fire();
      this.#next();
    });
  }
}
