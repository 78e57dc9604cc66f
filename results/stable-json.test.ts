import { expect, test } from 'vitest';
import { stableJson } from './stable-json.ts';

test('the order in which keys were set does not show', () => {
  expect(stableJson({ b: 1, a: { d: [2, 1], c: null } })).toBe('{"a":{"c":null,"d":[2,1]},"b":1}');
});

test('no limit stays no limit', () => {
  expect(stableJson([Infinity, -Infinity])).toBe('["Infinity","-Infinity"]');
});

test('maps, sets and typed arrays are lists', () => {
  expect(stableJson([new Map([['a', 1]]), new Set([2]), Uint8Array.of(3, 4), 5n])).toBe(
    '[[["a",1]],[2],[3,4],"5"]',
  );
});
