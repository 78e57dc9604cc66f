import { expect, test } from 'vitest';
import { ms, s } from '../../sim/time.ts';
import { LinkedEnds } from './linked-ends.fixture.ts';
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
  ...{
    protocol: 'tcp',
    initiator: 'peer',
    port: 80,
    atNs: 500 * ms,
    closes: 'peer',
    closesAtNs: 0,
    otherClosesAtNs: 0,
  },
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
      ...{
        protocol: 'udp',
        initiator: 'vm',
        port: 53,
        atNs: 0,
        closes: 'nobody',
        closesAtNs: 0,
        otherClosesAtNs: 0,
      },
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

test('what one end goes on saying leaves at its times, whatever has arrived, and each write counts from when it was made', () => {
  const world = new LinkedEnds();
  const pictures = [0, 1, 2, 3].map((nth) => ({
    speaker: 'vm' as const,
    atNs: (100 + nth * 4) * ms,
    bytes: 1000 + nth,
  }));
  replay(world, [{ ...web, messages: pictures }]);
  world.simulation.run(10 * s);
  // 4 ms from one to the next, though each takes 10 ms to arrive.
  expect(
    world.messages.map(({ bytes, offeredNs, timeNs }) => [bytes, offeredNs / ms - 1500, timeNs / ms - 1500]),
  ).toEqual([
    [1000, 100, 110],
    [1001, 104, 114],
    [1002, 108, 118],
    [1003, 112, 122],
  ]);
});

test('nothing is owed between two writes of one end', () => {
  const world = new LinkedEnds();
  const workload = replay(world, [
    {
      ...web,
      messages: [
        { speaker: 'vm', atNs: 100 * ms, bytes: 1000 },
        { speaker: 'vm', atNs: 5 * s, bytes: 1000 },
      ],
    },
  ]);
  const owedAt = (timeNs: number): number => {
    world.simulation.run(timeNs);
    world.states.length = 0;
    workload.publishStates(() => true);
    return world.states[0]!.owedSinceNs;
  };
  // Opened at 1.5 s, so that the writes are made at 1.6 s and 6.5 s and arrive 10 ms later.
  expect(owedAt(1605 * ms)).toBe(1600 * ms);
  expect(owedAt(3 * s)).toBe(-1);
  expect(owedAt(6505 * ms)).toBe(6500 * ms);
});

test('a recorded connection closes at its time, no earlier than all was said', () => {
  const world = new LinkedEnds();
  const early = { ...web, atNs: 2 * s, closesAtNs: 200 * ms, otherClosesAtNs: 0 };
  replay(world, [{ ...web, closesAtNs: 7 * s, otherClosesAtNs: 0 }, early]);
  world.simulation.run(20 * s);
  const closed = world.ended.filter(({ end, how }) => end === 'vm' && how === 'closed');
  // The peer's FIN leaves at 1.5 s + 7 s; the other's at 3 s + 910 ms, when its last message has arrived. 10 ms later the
  // VM answers by its own, which is acknowledged 20 ms after that.
  expect(closed.map(({ flow, timeNs }) => [flow, timeNs / ms])).toEqual([
    [1, 3940],
    [0, 8530],
  ]);
});
