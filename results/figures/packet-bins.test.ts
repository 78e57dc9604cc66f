import { expect, test } from 'vitest';
import { packetBins } from './packet-bins.ts';

const row = (startMs: number, toVm: number, attacks: number) => ({
  ...{ startMs, lengthMs: 10, toVm, bytes: 0, attacks },
  ...{ legitimateDropped: 2, lost: 1, attacksDropped: 0 },
});

test('joins intervals to longer ones, keeps what lies within the window and counts attacks apart', () => {
  const series = [row(0, 9, 9), row(100, 5, 2), row(110, 3, 0), row(120, 1, 0), row(990, 7, 7)];
  const bins = packetBins(series, 100, { fromMs: -40, toMs: 200, binMs: 20 });
  expect(bins).toEqual([
    {
      ...{ startMs: 0, endMs: 20, legitimate: 6, attacks: 2 },
      ...{ legitimateDropped: 4, attacksDropped: 0, lost: 2 },
    },
    {
      ...{ startMs: 20, endMs: 40, legitimate: 1, attacks: 0 },
      ...{ legitimateDropped: 2, attacksDropped: 0, lost: 1 },
    },
  ]);
});
