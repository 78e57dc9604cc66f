import { expect, test } from 'vitest';
import { AssertionError, ScenarioError, assert } from './assert.ts';
import { Simulation } from './simulation.ts';

test('an assertion outside of a run says only what failed', () => {
  expect(() => assert(false, 'pages are never lost')).toThrow(/^pages are never lost$/);
  expect(new AssertionError('x').run).toBeNull();
});

test('after a run that failed, failures no longer name it', () => {
  const world = new Simulation({ scenario: 'one', seed: 1, repetition: 0, replayCommand: 'again' });
  world.schedule(1, () => assert(false, 'broken'), undefined);
  expect(() => world.run(Infinity)).toThrow('in scenario one, seed 1, repetition 0, at 1 ns, event 1');
  expect(new AssertionError('later').message).toBe('later');
});

test('wrong input is reported whole, each problem with its place and what is allowed', () => {
  const error = new ScenarioError([
    { place: 'a.yaml:3:5', message: 'rate is negative', allowed: 'more than 0 bit/s' },
    { place: 'a.yaml:9:1', message: 'unknown field', allowed: '' },
  ]);
  expect(error.message).toBe(
    'a.yaml:3:5 rate is negative (allowed: more than 0 bit/s)\na.yaml:9:1 unknown field',
  );
});
