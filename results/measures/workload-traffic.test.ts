import { expect, test } from 'vitest';
import { changedPacket } from '../../models/network/packet.ts';
import {
  handMadeConnection,
  handMadePacket,
  handMadeRows,
  publishPhases,
} from '../hand-made-rows.fixture.ts';
import { dropPlaces } from './drop-places.ts';
import { throughputSeries, workloadTraffic } from './workload-traffic.ts';

/** Connection 1 is of workload web, 2 of bulk; messages as flow, way, bytes, offer and arrival. */
const rows = handMadeRows(1000, (observations) => {
  publishPhases(observations, [
    ['request', 100],
    ['activate', 200],
  ]);
  observations.connectionOpened.publish(handMadeConnection(1));
  observations.connectionOpened.publish({ ...handMadeConnection(2), workload: 'bulk' });
  const messages = [
    [1, 'vm', 10, 0, 5],
    [1, 'peer', 100, 110, 120],
    [1, 'peer', 100, 130, 160],
    [2, 'vm', 5000, 0, 150],
    [2, 'vm', 5000, 0, 250],
    [3, 'vm', 77, 0, 1],
  ] as const;
  messages.forEach(([flow, to, bytes, offeredNs, timeNs], index) =>
    observations.messageDelivered.publish({ flow, index, to, bytes, offeredNs, timeNs }),
  );
  const dropped = (place: string, cause: 'rule' | 'loss', intent: 'legitimate' | 'syn-flood'): void =>
    observations.packetDropped.publish({
      timeNs: 1,
      place,
      cause,
      packet: changedPacket(handMadePacket, { intent }),
    });
  dropped('b/firewall', 'rule', 'legitimate');
  dropped('b/firewall', 'rule', 'syn-flood');
  dropped('b/firewall', 'rule', 'syn-flood');
  dropped('a/up', 'loss', 'legitimate');
});

test('messages, payload and latency are told by workload', () => {
  const [bulk, web] = workloadTraffic(rows, rows);
  expect(bulk).toMatchObject({
    workload: 'bulk',
    connections: 1,
    messages: 2,
    bytesToVm: 10_000,
    bytesToPeer: 0,
  });
  // 150 and 250: the median lies between them.
  expect(bulk!.latency.p50Ns).toBe(200);
  expect(bulk!.latencyDuringMove.p50Ns).toBeNull();
  expect(web).toMatchObject({
    workload: 'web',
    connections: 1,
    messages: 3,
    bytesToVm: 10,
    bytesToPeer: 200,
  });
  // Of 5, 10 and 30; during the move, from 100 to 200, of 10 and 30: type 7 takes 10 + 0.99 x 20.
  expect(web!.latency.p50Ns).toBe(10);
  expect(web!.latencyDuringMove.p99Ns).toBeCloseTo(29.8, 9);
});

test('throughput counts a message where its last byte arrives', () => {
  expect(throughputSeries(rows, 100)).toEqual([
    { startNs: 0, workload: 'web', bytesToVm: 10, bytesToPeer: 0 },
    { startNs: 100, workload: 'bulk', bytesToVm: 5000, bytesToPeer: 0 },
    { startNs: 100, workload: 'web', bytesToVm: 0, bytesToPeer: 200 },
    { startNs: 200, workload: 'bulk', bytesToVm: 5000, bytesToPeer: 0 },
  ]);
});

test('drops are counted by place and cause, attacks apart', () => {
  expect(dropPlaces(rows)).toEqual([
    { place: 'a/up', cause: 'loss', legitimate: 1, attack: 0 },
    { place: 'b/firewall', cause: 'rule', legitimate: 1, attack: 2 },
  ]);
});
