import { expect, it } from 'vitest';
import { Signal } from '../../sim/signal.ts';
import { SerialStream } from './serial-stream.ts';

/** A stream whose transfers leave and end when the test says so. */
class ManualStream {
  readonly delayNs = 0;
  readonly sizes: number[] = [];
  readonly departures: (() => void)[] = [];
  readonly ends: Signal<void>[] = [];

  send(bytes: number, _capBps: number, left: () => void = () => undefined): Signal<void> {
    this.sizes.push(bytes);
    this.departures.push(left);
    const end = new Signal<void>();
    this.ends.push(end);
    return end;
  }

  close(): number {
    return 4;
  }
}

it('sends one transfer after the other, in the order of their requests', () => {
  const inner = new ManualStream();
  const stream = new SerialStream(inner);
  const arrivals: number[] = [];
  for (const bytes of [10, 20, 30]) stream.send(bytes, Infinity).listen(() => arrivals.push(bytes));
  expect(inner.sizes).toEqual([10]);
  inner.departures[0]!();
  // What follows does not wait until the first has arrived.
  expect(inner.sizes).toEqual([10, 20]);
  expect(arrivals).toEqual([]);
  inner.ends[0]!.fire();
  expect(arrivals).toEqual([10]);
  inner.departures[1]!();
  inner.departures[2]!();
  inner.ends[1]!.fire();
  inner.ends[2]!.fire();
  expect(arrivals).toEqual([10, 20, 30]);
});

it('starts at once when nothing is under way', () => {
  const inner = new ManualStream();
  const stream = new SerialStream(inner);
  stream.send(1, Infinity);
  inner.departures[0]!();
  stream.send(2, Infinity);
  expect(inner.sizes).toEqual([1, 2]);
});

it('says when it is closed what had not left of each transfer, and sends nothing any more', () => {
  const inner = new ManualStream();
  const stream = new SerialStream(inner);
  const [first, second] = [stream.send(10, Infinity), stream.send(20, Infinity)];
  const unsent = stream.close();
  expect([unsent.get(first), unsent.get(second)]).toEqual([4, 20]);
  inner.departures[0]!();
  expect(stream.send(30, Infinity).fired).toBe(false);
  expect(inner.sizes).toEqual([10]);
});
