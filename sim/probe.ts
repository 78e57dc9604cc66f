/**
 * Where a model publishes what happens and never learns who reads it. Costs one comparison when nobody does:
 * check `observed` before building a record.
 */
export class Probe<T> {
  private subscribers: readonly ((value: T) => void)[] = [];

  get observed(): boolean {
    return this.subscribers.length > 0;
  }

  /** Tells all subscribers, in the order in which they subscribed. */
  publish(value: T): void {
    for (const subscriber of this.subscribers) subscriber(value);
  }

  subscribe(subscriber: (value: T) => void): void {
    this.subscribers = [...this.subscribers, subscriber];
  }
}
