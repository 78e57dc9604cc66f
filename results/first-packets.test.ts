import { expect, test } from 'vitest';
import { makePacket } from '../models/network/packet.ts';
import type { Observations } from '../models/observations.ts';
import { handMadeConnection, handMadeRows, publishPhases } from './hand-made-rows.fixture.ts';

function delivered(observations: Observations, timeNs: number, to: 'vm' | 'peer', flow: number): void {
  const place = to === 'vm' ? 'vm1' : 'client';
  observations.packetDelivered.publish({ timeNs, place, to, packet: makePacket({ flow }) });
}

test('are the first in each direction after the resume, and none before it', () => {
  const { firstPackets } = handMadeRows(100, (observations) => {
    observations.connectionOpened.publish(handMadeConnection(7));
    delivered(observations, 1, 'vm', 7);
    publishPhases(observations, [
      ['stop', 10],
      ['activate', 20],
    ]);
    // Flow 9 belongs to nobody who moves.
    delivered(observations, 25, 'peer', 9);
    delivered(observations, 30, 'vm', 7);
    delivered(observations, 31, 'vm', 7);
    delivered(observations, 35, 'peer', 7);
    delivered(observations, 36, 'peer', 7);
  });
  expect(firstPackets).toEqual([
    { timeNs: 30, migration: 'm1', vm: 'vm1', to: 'vm', flow: 7 },
    { timeNs: 35, migration: 'm1', vm: 'vm1', to: 'peer', flow: 7 },
  ]);
});

test('a VM that stops again before anything came has none of that move', () => {
  const { firstPackets } = handMadeRows(100, (observations) => {
    publishPhases(observations, [
      ['stop', 10],
      ['activate', 20],
      ['stop', 30],
    ]);
    delivered(observations, 40, 'vm', 7);
  });
  expect(firstPackets).toEqual([]);
});
