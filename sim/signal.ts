import { assert } from './assert.ts';

/**
 * Something that happens once, with a value. Those who listen are told in the order in which they began to;
 * those who come later are told at once.
 */
export class Signal<T> {
  private state: { readonly value: T } | null = null;
  private listeners: Listener<T>[] = [];

  get fired(): boolean {
    return this.state !== null;
  }

  /** The value it fired with; asking before that is a bug. */
  get value(): T {
    assert(this.state !== null, 'a signal has a value only once it has fired');
    return this.state.value;
  }

  fire(value: T): void {
    assert(this.state === null, 'a signal fires once');
    this.state = { value };
    const listeners = this.listeners;
    this.listeners = [];
    for (const listener of listeners) listener.hear(value);
  }

  /** Calls back with the value when the signal fires, or now if it has. Returns what ends the listening. */
  listen(callback: (value: T) => void): () => void {
    if (this.state !== null) {
      callback(this.state.value);
      return nothing;
    }
    const listener = { hear: callback };
    this.listeners.push(listener);
    return () => {
      const place = this.listeners.indexOf(listener);
      if (place >= 0) this.listeners.splice(place, 1);
    };
  }
}

interface Listener<T> {
  hear(value: T): void;
}

function nothing(): void {
  // There is nothing to end.
}
