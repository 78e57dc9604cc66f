import { expect, test } from 'vitest';
import { ms, s } from '../../sim/time.ts';
import { LinkedEnds } from './linked-ends.ts';
import { RecordedFlows, type RecordedFlow } from './recorded-flows.ts';

function replay(world: LinkedEnds, flows: readonly RecordedFlow[]): RecordedFlows {
  const workload = new RecordedFlows({
    name: 'trace',
    ...world.parts,
    flows: flows.map((flow) => ({ flow, ends: world.ends })),
    firstFlow: 0,
    startNs: 1 * s,
  });
  workload.start();
  return workload;
}

const web: RecordedFlow = {
  ...{ protocol: 'tcp', initiator: 'peer', port: 80, atNs: 500 * ms, closes: 'peer' },
  messages: [
    { speaker: 'peer', atNs: 100 * ms, bytes: 300 },
    { speaker: 'vm', atNs: 105 * ms, bytes: 5000 },
    { speaker: 'peer', atNs: 900 * ms, bytes: 200 },
  ],
};

test('a recorded connection says everything at its time, or when the turn before has arrived', () => {
  const world = new LinkedEnds();
  replay(world, [web, { ...web, atNs: 2 * s }]);
  world.simulation.run(10 * s);
  // Opened at 1.5 s. The answer was recorded 5 ms after the request, which here takes 10 ms to arrive.
  expect(
    world.messages
      .slice(0, 3)
      .map(({ to, bytes, offeredNs, timeNs }) => [to, bytes, offeredNs / ms, timeNs / ms]),
  ).toEqual([
    ['vm', 300, 1600, 1610],
    ['peer', 5000, 1610, 1620],
    ['vm', 200, 2400, 2410],
  ]);
  expect(world.opened.map(({ timeNs }) => timeNs / s)).toEqual([1.5, 3]);
  expect(world.states.map(({ ends }) => ends)).toEqual(['closed', 'closed']);
});

test('recorded datagrams leave at their times, the other end’s once it has heard of the flow', () => {
  const world = new LinkedEnds();
  replay(world, [
    {
      ...{ protocol: 'udp', initiator: 'vm', port: 53, atNs: 0, closes: 'nobody' },
      messages: [
        { speaker: 'vm', atNs: 0, bytes: 40 },
        { speaker: 'peer', atNs: 5 * ms, bytes: 99 },
        { speaker: 'peer', atNs: 30 * ms, bytes: 100 },
      ],
    },
  ]);
  world.simulation.run(3 * s);
  // The first answer was recorded before the question arrives here, 10 ms after it was asked: it waits for it.
  expect(world.messages.map(({ to, bytes, timeNs }) => [to, bytes, timeNs / ms])).toEqual([
    ['peer', 40, 1010],
    ['vm', 99, 1020],
    ['vm', 100, 1040],
  ]);
});
