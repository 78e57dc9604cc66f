import { expect, test } from 'vitest';
import { AssertionError } from './assert.ts';
import { Signal } from './signal.ts';

test('listeners hear a signal once, in the order in which they began, and latecomers at once', () => {
  const signal = new Signal<number>();
  const log: string[] = [];
  signal.listen((value) => log.push(`a${value}`));
  const end = signal.listen((value) => log.push(`b${value}`));
  signal.listen((value) => log.push(`c${value}`));
  end();
  end();
  signal.fire(7);
  signal.listen((value) => log.push(`d${value}`));
  expect(log).toEqual(['a7', 'c7', 'd7']);
  expect([signal.fired, signal.value]).toEqual([true, 7]);
});

test('to fire twice, or to ask for the value too early, is a bug', () => {
  const signal = new Signal<void>();
  expect(() => signal.value).toThrow(AssertionError);
  signal.fire();
  expect(() => signal.fire()).toThrow(AssertionError);
});
