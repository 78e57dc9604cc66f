import { expect, test } from 'vitest';
import { until, untilOrTimeout } from './process.ts';
import type { Process, RunningProcess } from './process.ts';
import { Signal } from './signal.ts';
import { Simulation } from './simulation.ts';

function world(): { simulation: Simulation; log: string[]; note: (text: string) => void } {
  const simulation = new Simulation({ scenario: 'test', seed: 1, repetition: 0, replayCommand: '' });
  const log: string[] = [];
  return { simulation, log, note: (text) => void log.push(`${text}@${simulation.nowNs}`) };
}

test('processes that one signal wakes go on in the order in which they began to wait', () => {
  const { simulation, log, note } = world();
  const signal = new Signal<string>();
  function* waiter(name: string): Process {
    note(`${name} ${yield* until(signal)}`);
  }
  simulation.spawn(waiter('a'));
  simulation.spawn(waiter('b'));
  simulation.schedule(5, () => signal.fire('go'), undefined);
  simulation.schedule(5, note, 'later');
  simulation.run(Infinity);
  // The waiters go on by events of their own, after what was already scheduled for that time.
  expect(log).toEqual(['later@5', 'a go@5', 'b go@5']);
});

test('a wait with a limit ends with whichever comes first, and the other one wakes nobody afterwards', () => {
  const { simulation, log, note } = world();
  const early = new Signal<void>();
  const late = new Signal<void>();
  function* waiter(): Process {
    note(`early ${yield* untilOrTimeout(early, 10)}`);
    note(`late ${yield* untilOrTimeout(late, 10)}`);
    yield 100;
    note('end');
  }
  simulation.spawn(waiter());
  simulation.schedule(3, () => early.fire(), undefined);
  simulation.schedule(20, () => late.fire(), undefined);
  simulation.run(Infinity);
  expect(log).toEqual(['early true@3', 'late false@13', 'end@113']);
});

test('a process can deal with its interruption and go on; its old wait is forgotten', () => {
  const { simulation, log, note } = world();
  function* script(): Process {
    try {
      yield 100;
    } catch (reason) {
      note((reason as Error).message);
    }
    yield 50;
    note('end');
  }
  const running = simulation.spawn(script());
  simulation.schedule(30, () => running.interrupt(new Error('link down')), undefined);
  simulation.run(Infinity);
  expect(log).toEqual(['link down@30', 'end@80']);
  expect(simulation.nowNs).toBe(80);
});

test('an interruption passes through inner generators, whose finally blocks run from the inside out', () => {
  const { simulation, log, note } = world();
  function* inner(): Process {
    try {
      yield* until(new Signal<void>());
    } finally {
      note('inner');
    }
  }
  function* outer(): Process {
    try {
      yield* inner();
    } finally {
      note('outer');
    }
  }
  const running = simulation.spawn(outer());
  running.done.listen(() => note('done'));
  simulation.schedule(4, () => running.interrupt(new Error('stop')), undefined);
  simulation.run(Infinity);
  expect(log).toEqual(['inner@4', 'outer@4', 'done@4']);
});

test('a process that interrupts itself meets it at its next wait; one that ended is left alone', () => {
  const { simulation, log, note } = world();
  let self: RunningProcess | null = null;
  function* script(): Process {
    yield 1;
    self?.interrupt(new Error('own'));
    note('before');
    yield 1000;
    note('never');
  }
  self = simulation.spawn(script());
  simulation.run(Infinity);
  self.interrupt(new Error('too late'));
  simulation.run(Infinity);
  expect([log, self.done.fired, simulation.nowNs]).toEqual([['before@1'], true, 1]);
});

test('the first of two interruptions at one instant counts', () => {
  const { simulation, log, note } = world();
  function* script(): Process {
    try {
      yield 100;
    } catch (reason) {
      note((reason as Error).message);
    }
  }
  const running = simulation.spawn(script());
  running.interrupt(new Error('first'));
  running.interrupt(new Error('second'));
  simulation.run(Infinity);
  expect(log).toEqual(['first@0']);
});

test('any other error of a process ends the run', () => {
  const { simulation } = world();
  function* script(): Process {
    yield 1;
    throw new Error('broken');
  }
  simulation.spawn(script());
  expect(() => simulation.run(Infinity)).toThrow('broken');
});
