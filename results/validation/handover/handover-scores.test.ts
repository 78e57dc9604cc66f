import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { firstPayloadScore } from './first-payload.ts';
import type { Cell, SimulatedRun } from './handover-cells.ts';
import { handoverRun, type HandoverRun } from './handover-file.ts';
import { inHashOrder } from './hash-order.ts';
import { lookupBaseline } from './lookup-baseline.ts';
import { survivorShares } from './survivor-share.ts';

const file = new URL('../../reference/golden-handover.json.gz', import.meta.url);
const recording = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as { runs: unknown[] };
const pattern = handoverRun.parse(recording.runs[0]);

function runWith(survives: boolean, firstByteMs: number | null): HandoverRun {
  const [flow] = pattern.flows;
  return { ...pattern, actual_blackout_ms: 100, flows: [{ ...flow!, survives, first_byte_ms: firstByteMs }] };
}

test('A recorded share has its exact interval', () => {
  const alive = [{ flow: 'in-bulk-down', loaded: true, survives: true }];
  const dead = [{ flow: 'in-bulk-down', loaded: false, survives: false }];
  const eight = new Array<HandoverRun>(8).fill(runWith(true, 1));
  const [all] = survivorShares('s', eight, [alive, dead]);
  // Eight of eight: the share of which eight hits have a chance of 2.5 %, 0.025^(1/8); tables: 0.631.
  expect(all?.measured[0]).toBeCloseTo(0.025 ** (1 / 8), 6);
  expect(all?.measured[1]).toBe(1);
  expect([all?.simulated, all?.within]).toEqual([0.5, false]);
  const half = [...eight.slice(4), ...new Array<HandoverRun>(4).fill(runWith(false, null))];
  const [some] = survivorShares('s', half, [alive, dead]);
  // Four of eight; tables: 0.157 to 0.843.
  expect(some?.measured[0]).toBeCloseTo(0.157, 3);
  expect(some?.measured[1]).toBeCloseTo(0.843, 3);
  expect(some?.within).toBe(true);
});

test('A lookup table answers by the other blackouts of the same scheme', () => {
  const cell = (scheme: string, blackoutMs: number, measured: boolean): Cell<boolean> => {
    return { scheme, blackoutMs, set: '', name: 'f', measured: [measured], simulated: [measured] };
  };
  const cells = [cell('a', 20, true), cell('a', 100, true), cell('a', 300, false), cell('b', 20, true)];
  const right = (answer: boolean, { measured }: Cell<boolean>): boolean => answer === measured[0];
  // a at 20 and 100 ms look up one dead and one alive, of which the first seen counts: at 20 ms it is the living one;
  // a at 300 ms looks up two living ones; b has no other blackout, and most flows live.
  expect(lookupBaseline(cells, cells, right)).toBe(3 / 4);
  expect(lookupBaseline([], cells, right)).toBeNull();
});

test('A first payload is near within 40 ms or 3 %, and within a step up to the resend before or after', () => {
  const score = (measured: number, simulated: number): readonly (number | null)[] => {
    const outcome = { flows: [{ flow: 'f', survives: true, firstPayloadMs: simulated }] };
    const run = { run: runWith(true, measured), outcome } as unknown as SimulatedRun;
    const { within_40_ms_or_3_percent: near, within_one_step: step } = firstPayloadScore([run], 'all');
    return [near, step];
  };
  expect(score(2_000, 2_055)).toEqual([1, 1]);
  // Cut for 100 ms: resends come 208, 624 and 1,456 ms after what was lost, which is 108, 524 and 1,356 ms after.
  expect(score(108, 524)).toEqual([0, 1]);
  expect(score(108, 1_356)).toEqual([0, 0]);
});

test('Orders of the dump come in pairs of which one is the other reversed', () => {
  const entries = [1, 2, 3, 4, 5, 6, 7, 8];
  expect(inHashOrder(entries, 2, 0)).toEqual(inHashOrder(entries, 1, 0).reverse());
  expect(inHashOrder(entries, 3, 0)).not.toEqual(inHashOrder(entries, 1, 0));
});
