import { expect, test } from 'vitest';
import { AssertionError, assert } from './assert.ts';
import { noEvent } from './event-queue.ts';
import { until, untilOrTimeout } from './process.ts';
import type { Process } from './process.ts';
import { Signal } from './signal.ts';
import { Simulation } from './simulation.ts';
import { Timer } from './timer.ts';

function simulation(): Simulation {
  return new Simulation({ scenario: 'test', seed: 1, repetition: 2, replayCommand: 'nseh run test' });
}

test('events run by time, and events of equal time in the order of scheduling', () => {
  const world = simulation();
  const log: string[] = [];
  const note = (name: string) => log.push(`${name}@${world.nowNs}`);
  world.schedule(20, note, 'c');
  world.schedule(10, note, 'a');
  world.schedule(10, note, 'b');
  world.run(Infinity);
  expect(log).toEqual(['a@10', 'b@10', 'c@20']);
  expect(world.nowNs).toBe(20);
  expect(world.eventsRun).toBe(3);
});

test('a run includes the events at its end and leaves the clock there', () => {
  const world = simulation();
  const log: number[] = [];
  const note = (value: number) => log.push(value);
  world.schedule(10, note, 1);
  world.schedule(11, note, 2);
  world.run(10);
  expect([log, world.nowNs]).toEqual([[1], 10]);
  world.run(50);
  expect([log, world.nowNs]).toEqual([[1, 2], 50]);
});

test('a cancelled event does not run, and its handle is stale afterwards', () => {
  const world = simulation();
  const log: number[] = [];
  const handle = world.schedule(10, (value: number) => log.push(value), 1);
  expect(world.isPending(handle)).toBe(true);
  expect(world.cancel(handle)).toBe(true);
  expect(world.cancel(handle)).toBe(false);
  expect(world.isPending(noEvent)).toBe(false);
  world.run(Infinity);
  expect(log).toEqual([]);
});

test('a failed assertion says which run, time and event failed and how to replay it', () => {
  const world = simulation();
  world.schedule(7, () => assert(false, 'pages are never lost'), undefined);
  expect(() => world.run(Infinity)).toThrow(AssertionError);
  const again = simulation();
  again.schedule(7, () => assert(false, 'pages are never lost'), undefined);
  expect(() => again.run(Infinity)).toThrow(
    'pages are never lost\n  in scenario test, seed 1, repetition 2, at 7 ns, event 1\n  replay with: nseh run test',
  );
});

test('an event in the past is refused', () => {
  const world = simulation();
  world.run(10);
  expect(() => world.scheduleAt(9, () => undefined, undefined)).toThrow(AssertionError);
  expect(() => world.schedule(0.5, () => undefined, undefined)).toThrow(AssertionError);
});

test('a timer that is armed anew expires once, at the new time', () => {
  const world = simulation();
  const log: number[] = [];
  const timer = new Timer(world, () => log.push(world.nowNs));
  timer.arm(10);
  timer.arm(30);
  expect(timer.armed).toBe(true);
  world.run(100);
  expect([log, timer.armed]).toEqual([[30], false]);
});

test('a process waits for times and signals from top to bottom', () => {
  const world = simulation();
  const log: string[] = [];
  const signal = new Signal<string>();
  function* script(): Process {
    yield 5;
    log.push(`waited@${world.nowNs}`);
    log.push(`${yield* until(signal)}@${world.nowNs}`);
    log.push(`${yield* untilOrTimeout(new Signal<void>(), 10)}@${world.nowNs}`);
    log.push(yield* until(signal));
  }
  const running = world.spawn(script());
  world.schedule(7, (value: string) => signal.fire(value), 'fired');
  world.run(Infinity);
  expect(log).toEqual(['waited@5', 'fired@7', 'false@17', 'fired']);
  expect(running.done.fired).toBe(true);
});

test('an interruption throws at the yield, undoes what finally says, and ends the process', () => {
  const world = simulation();
  const log: string[] = [];
  function* script(): Process {
    try {
      yield 100;
      log.push('never');
    } finally {
      log.push(`undone@${world.nowNs}`);
    }
  }
  const running = world.spawn(script());
  world.schedule(3, () => running.interrupt(new Error('link down')), undefined);
  world.run(Infinity);
  expect(log).toEqual(['undone@3']);
  expect([running.done.fired, world.nowNs]).toEqual([true, 3]);
});
