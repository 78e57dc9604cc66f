import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { EventQueue } from './event-queue.ts';
import type { EventHandle } from './event-queue.ts';

/** The obvious queue: an array, sorted when asked. */
class SortedArray {
  nowNs = 0;
  private events: { id: number; timeNs: number; sequence: number }[] = [];
  private sequence = 0;

  push(id: number, timeNs: number): void {
    this.events.push({ id, timeNs, sequence: this.sequence++ });
  }

  cancel(id: number): boolean {
    const before = this.events.length;
    this.events = this.events.filter((event) => event.id !== id);
    return this.events.length < before;
  }

  run(untilNs: number, log: string[]): void {
    this.events.sort((one, other) => one.timeNs - other.timeNs || one.sequence - other.sequence);
    while (this.events[0] && this.events[0].timeNs <= untilNs) {
      const { id, timeNs } = this.events.shift()!;
      this.nowNs = timeNs;
      log.push(`${id}@${timeNs}`);
    }
    if (untilNs !== Infinity) this.nowNs = untilNs;
  }
}

type Step =
  | { readonly kind: 'push'; readonly delayNs: number; readonly count: number }
  | { readonly kind: 'cancel' | 'move'; readonly which: number; readonly delayNs: number }
  | { readonly kind: 'run'; readonly forNs: number };

// Delays of every magnitude up to 2^52, many of them equal.
const delay = fc.oneof(
  fc.constantFrom(0, 1, 1023, 1024, 1_000_000, 2 ** 30, 2 ** 30 - 1, 2 ** 52),
  fc
    .tuple(fc.nat(50), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([bits, u]) => Math.floor(u * 2 ** bits)),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('push' as const),
      delayNs: delay,
      count: fc.integer({ min: 1, max: 60 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('cancel' as const, 'move' as const),
      which: fc.nat(),
      delayNs: delay,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      forNs: fc.oneof(delay, fc.constantFrom(0, Infinity)),
    }),
  },
);

property.prop([fc.array(step, { maxLength: 80 }), fc.nat(2)], { numRuns: 400 })(
  'runs the same events at the same times as a sorted array, whatever is scheduled, moved and cancelled',
  (steps, spread) => {
    const queue = new EventQueue();
    const model = new SortedArray();
    const handles: EventHandle[] = [];
    const log: string[] = [];
    const expected: string[] = [];
    const note = (id: unknown) => log.push(`${String(id)}@${queue.nowNs}`);
    for (const action of steps) {
      if (action.kind === 'push') {
        for (let i = 0; i < action.count; i++) {
          // Apart by nothing, backwards by 1 ns, or forwards by 1,000 ns.
          const timeNs = model.nowNs + action.delayNs + [0, action.count - i, 1000 * i][spread]!;
          if (timeNs >= 2 ** 53) continue;
          model.push(handles.length, timeNs);
          handles.push(queue.push(timeNs, note, handles.length));
        }
      } else if (action.kind === 'run') {
        const untilNs = model.nowNs + action.forNs;
        if (untilNs >= 2 ** 53 && untilNs < Infinity) continue;
        model.run(untilNs, expected);
        queue.run(untilNs, null);
      } else if (handles.length > 0) {
        const id = action.which % handles.length;
        const timeNs = model.nowNs + action.delayNs;
        if (timeNs >= 2 ** 53) continue;
        const pending = model.cancel(id);
        if (pending && action.kind === 'move') model.push(id, timeNs);
        expect(queue.isPending(handles[id]!)).toBe(pending);
        expect(action.kind === 'move' ? queue.move(handles[id]!, timeNs) : queue.cancel(handles[id]!)).toBe(
          pending,
        );
      }
      expect(log).toEqual(expected);
      expect(queue.nowNs).toBe(model.nowNs);
    }
    model.run(Infinity, expected);
    queue.run(Infinity, null);
    expect(log).toEqual(expected);
  },
);

property.prop([
  fc.array(fc.array(fc.tuple(delay, fc.nat(1200)), { maxLength: 40 }), { minLength: 1, maxLength: 40 }),
])('events that are scheduled by running events come in order, however close together they are', (bursts) => {
  const queue = new EventQueue();
  const seen: { timeNs: number; sequence: number }[] = [];
  let sequence = 0;
  let next = 0;
  const event = (own: unknown) => {
    seen.push({ timeNs: queue.nowNs, sequence: own as number });
    for (const [far, near] of bursts[next++] ?? []) {
      if (queue.nowNs < 2 ** 52) queue.push(queue.nowNs + (near % 3 === 0 ? far : near), event, sequence++);
    }
  };
  queue.push(0, event, sequence++);
  queue.run(Infinity, null);
  expect(seen).toHaveLength(sequence);
  const sorted = [...seen].sort((one, other) => one.timeNs - other.timeNs || one.sequence - other.sequence);
  expect(seen).toEqual(sorted);
});

test('a handle is stale for ever, though its place is used again', () => {
  const queue = new EventQueue();
  const first = queue.push(5, () => undefined, undefined);
  queue.cancel(first);
  const handles = new Set([first]);
  for (let i = 0; i < 1000; i++) {
    const handle = queue.push(5, () => undefined, undefined);
    handles.add(handle);
    expect(queue.cancel(first)).toBe(false);
    expect(queue.cancel(handle)).toBe(true);
  }
  expect(handles.size).toBe(1001);
});

test('an event has lost its handle when it runs, and lets go of its argument', () => {
  const queue = new EventQueue();
  const states: boolean[] = [];
  const handle: EventHandle = queue.push(5, () => states.push(queue.isPending(handle)), undefined);
  queue.run(Infinity, null);
  expect(states).toEqual([false]);
});

test('numbers that never were handles are not pending', () => {
  const queue = new EventQueue();
  for (const number of [0, 1, -1, 2 ** 24, 2 ** 52, 12290, NaN, Infinity])
    expect(queue.isPending(number)).toBe(false);
});

test('a stop ends the run after the present event and keeps the clock there', () => {
  const queue = new EventQueue();
  const log: number[] = [];
  for (const timeNs of [1, 2, 2, 3]) {
    queue.push(
      timeNs,
      () => {
        log.push(timeNs);
        if (timeNs === 2) queue.stop();
      },
      undefined,
    );
  }
  queue.run(10, null);
  expect([log, queue.nowNs]).toEqual([[1, 2], 2]);
  queue.run(10, null);
  expect([log, queue.nowNs]).toEqual([[1, 2, 2], 2]);
  queue.run(10, null);
  expect([log, queue.nowNs]).toEqual([[1, 2, 2, 3], 10]);
});

test('memory does not grow when events are cancelled and scheduled again for ever', () => {
  const queue = new EventQueue();
  const nothing = () => undefined;
  const handles = Array.from({ length: 1000 }, (_, i) => queue.push(i * 1e6, nothing, i));
  const rows = queue.capacity;
  for (let i = 0; i < 200_000; i++) {
    const place = i % handles.length;
    queue.cancel(handles[place]!);
    handles[place] = queue.push(1e9 + i * 1e6, nothing, i);
  }
  expect(queue.capacity).toBe(rows);
});

test('an event that was cancelled long before its time does not disturb those that come between', () => {
  const queue = new EventQueue();
  const log: number[] = [];
  const note = (timeNs: unknown) => log.push(timeNs as number);
  queue.push(100, note, 100);
  queue.cancel(queue.push(5000, note, 5000));
  queue.run(Infinity, null);
  for (const timeNs of [4700, 200, 5000]) queue.push(timeNs, note, timeNs);
  queue.run(Infinity, null);
  expect(log).toEqual([100, 200, 4700, 5000]);
});
