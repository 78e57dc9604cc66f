import { describe, expect, test } from 'vitest';
import { milliseconds } from '../../sim/time.ts';
import { handMadeRows } from '../hand-made-rows.fixture.ts';
import { connectionStalls } from './connection-stalls.ts';

/** Requests go to the VM and answers to the peer, at these ms. */
function rowsOf(times: readonly (readonly [request: number, answer: number])[]) {
  return handMadeRows(milliseconds(10_000), ({ messageDelivered }) => {
    times.forEach(([request, answer], index) => {
      const message = { flow: 3, index, bytes: 100, offeredNs: 0 };
      messageDelivered.publish({ ...message, to: 'vm', timeNs: milliseconds(request) });
      messageDelivered.publish({ ...message, to: 'peer', timeNs: milliseconds(answer) });
    });
  });
}

const control = rowsOf([
  [100, 110],
  [200, 210],
  [300, 310],
]);

describe('stalls of a connection', () => {
  test('are where a message is late, and not again where the delay is carried on', () => {
    // The second request waits 150 ms; all that follows is as late as that.
    const run = rowsOf([
      [100, 110],
      [350, 360],
      [450, 460],
    ]);
    expect(connectionStalls({ run, control }, 3, null, 'vm')).toEqual([
      { to: 'vm', startNs: milliseconds(200), endNs: milliseconds(350), delivered: true },
    ]);
  });

  test('are none where nothing is 10 ms late', () => {
    const run = rowsOf([
      [100, 119],
      [209, 219],
      [309, 319],
    ]);
    expect(connectionStalls({ run, control }, 3, null, 'vm')).toEqual([]);
  });

  test('last to the end of the run where a message never comes', () => {
    const run = rowsOf([[100, 110]]);
    const state = {
      ...{ flow: 3, owedSinceNs: milliseconds(200), lastSentNs: 0 },
      ...{ peerWouldPass: false, vmWouldPass: false, ends: 'both-open' as const },
    };
    expect(connectionStalls({ run, control }, 3, state, 'vm')).toEqual([
      { to: 'vm', startNs: milliseconds(200), endNs: milliseconds(10_000), delivered: false },
    ]);
  });
});
