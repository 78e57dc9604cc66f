import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readMeasuredMoves } from './measured-move.ts';
import { repeatSpread } from './repeat-spread.ts';

const file = new URL('../../reference/golden-endtoend.json.gz', import.meta.url);
const { moves } = readMeasuredMoves(JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')));

test('Two repeats differ by what each of them is off as a prediction of the other', () => {
  const two = moves.filter(({ id }) => id === '256-idle-rules');
  // Blackouts of 213.9 and 322.9 ms: 1 - 213.9 / 322.9 = 0.3376 and 322.9 / 213.9 - 1 = 0.5096.
  expect(two).toHaveLength(2);
  expect(repeatSpread(two).blackout.median).toBeCloseTo((0.3376 + 0.5096) / 2, 3);
  expect(repeatSpread(two).blackout.p95).toBeCloseTo(0.3376 + 0.95 * (0.5096 - 0.3376), 3);
});

test('Cases are not compared with each other, and one repeat alone says nothing', () => {
  const ones = ['256-idle-rules', '256-mod-rules'].map((id) => moves.find((move) => move.id === id)!);
  expect(repeatSpread(ones).blackout).toEqual({ median: null, p95: null });
});
