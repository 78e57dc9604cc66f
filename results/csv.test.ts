import { expect, test } from 'vitest';
import { csv } from './csv.ts';

test('a table has full precision, empty cells for null, and quotes where they are needed', () => {
  const text = csv(
    ['name', 'time_ms'],
    [
      ['a,"b"', 0.1 + 0.2],
      ['c', null],
    ],
  );
  expect(text).toBe('name,time_ms\n"a,""b""",0.30000000000000004\nc,\n');
});

test('a number that is none is our bug', () => {
  expect(() => csv(['x'], [[Number.NaN]])).toThrow(/finite/);
  expect(() => csv(['x', 'y'], [[1]])).toThrow(/columns/);
});
