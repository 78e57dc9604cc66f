import { describe, expect, it } from 'vitest';
import { delay, delayOr } from './delay.ts';

const form = delay('how long it takes');

describe('a delay in a scenario file', () => {
  it.each([
    '200 ms',
    'exponential(200 ms)',
    'uniform(100 ms, 300 ms)',
    'lognormal(200 ms, 1 s)',
    'empirical(120 ms, 180 ms, 900 ms)',
  ])('reads %s and writes it back', (text) => {
    expect(form.encode(form.parse(text))).toBe(text);
  });

  it.each([
    ['200', /unit/],
    ['empirical()', /./],
    ['uniform(300 ms, 100 ms)', /is no delay/],
    ['normal(1 s, 2 s)', /is no delay/],
    ['never', /./],
  ])('refuses %s', (text, why) => {
    expect(form.safeParse(text).error?.issues[0]?.message).toMatch(why);
  });

  it('may be a word where the field says so', () => {
    expect(delayOr('never', 'how long it takes').parse('never')).toBe('never');
  });
});
