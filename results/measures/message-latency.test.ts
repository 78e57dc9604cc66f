import { expect, test } from 'vitest';
import { handMadeRows, publishPhases } from '../hand-made-rows.fixture.ts';
import type { RunRows } from '../run-rows.ts';
import { messageLatency } from './message-latency.ts';

function offered(times: readonly (readonly [number, number])[], migrates: boolean): RunRows {
  return handMadeRows(1000, (observations) => {
    if (migrates)
      publishPhases(observations, [
        ['request', 100],
        ['stop', 150],
        ['activate', 200],
      ]);
    times.forEach(([offeredNs, timeNs], index) =>
      observations.messageDelivered.publish({ flow: 1, index, to: 'vm', bytes: 1, offeredNs, timeNs }),
    );
  });
}

test('only messages offered during the migration count, in the run and in the control alike', () => {
  const run = offered(
    [
      [99, 999],
      [100, 110],
      [150, 240],
      [199, 219],
      [200, 999],
    ],
    true,
  );
  const control = offered(
    [
      [50, 51],
      [100, 101],
      [150, 153],
      [199, 201],
      [300, 999],
    ],
    false,
  );
  // 10, 90, 20: the median is 20, the p99 lies 0.98 of the way from 20 to 90.
  expect(messageLatency(run, run).p50Ns).toBe(20);
  expect(messageLatency(run, run).p99Ns).toBeCloseTo(20 + 0.98 * 70, 9);
  expect(messageLatency(control, run).p50Ns).toBe(2);
});

test('without messages there is no latency', () => {
  expect(messageLatency(offered([], true), offered([], true)).p50Ns).toBeNull();
});
