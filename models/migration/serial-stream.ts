import { assert } from '../../sim/assert.ts';
import { Signal } from '../../sim/signal.ts';
import { nobodyWaits, type EndingStream, type Stream } from '../network/stream.ts';

interface Waiting {
  readonly bytes: number;
  readonly capBps: number;
  readonly arrived: Signal<void>;
  readonly left: () => void;
}

/** Several senders on one stream: transfers go one after the other, in the order of their requests. */
export class SerialStream implements Stream {
  private readonly inner: EndingStream;
  private readonly waiting: Waiting[] = [];
  private current: Waiting | null = null;
  private closed = false;

  constructor(inner: EndingStream) {
    this.inner = inner;
  }

  get delayNs(): number {
    return this.inner.delayNs;
  }

  send(bytes: number, capBps: number, left: () => void = nobodyWaits): Signal<void> {
    assert(bytes >= 0, 'a transfer has a size');
    const arrived = new Signal<void>();
    if (this.closed) return arrived;
    this.waiting.push({ bytes, capBps, arrived, left });
    if (this.current === null) this.next();
    return arrived;
  }

  /** Ends all transfers; returns the bytes of each that had not left, by its signal. Nothing is sent after it. */
  close(): ReadonlyMap<Signal<void>, number> {
    this.closed = true;
    const unsent = new Map(this.waiting.map(({ arrived, bytes }) => [arrived, bytes]));
    const left = this.inner.close();
    if (this.current !== null) unsent.set(this.current.arrived, left);
    this.waiting.length = 0;
    return unsent;
  }

  private next(): void {
    const next = this.waiting.shift() ?? null;
    this.current = next;
    if (next === null) return;
    const left = (): void => {
      next.left();
      this.next();
    };
    this.inner.send(next.bytes, next.capBps, left).listen(() => next.arrived.fire());
  }
}
