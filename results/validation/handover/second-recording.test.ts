import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { validateHandovers } from './handover.ts';

test('A recording of our own, of other schemes and blackouts, cubic and reno, ends as the models say', () => {
  // recorder.py, on Linux 6.18.44 while thirty other processes wanted two processors.
  const file = new URL('../../reference/second-handover.json.gz', import.meta.url);
  const found = validateHandovers(JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')));
  // 8 schemes, 60, 700 and 1,500 ms, two replicates of 16 flows each.
  expect([found.runs, found.not_scored]).toEqual([48, []]);
  expect(found.flows_agreeing / found.flows).toBeGreaterThan(0.98);
  expect(found.first_payload.within_one_step).toBeGreaterThan(0.97);
});
