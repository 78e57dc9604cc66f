import { expect, test } from 'vitest';
import { ms, s } from '../../sim/time.ts';
import { DatagramQuestions } from './datagram-questions.ts';
import { DatagramStreams, type StreamSettings } from './datagram-streams.ts';
import { Datagrams, type DatagramsSettings } from './datagrams.ts';
import { LinkedEnds } from './linked-ends.fixture.ts';

const constant = (ns: number) => ({ kind: 'constant', ns }) as const;
const bytes = (count: number) => ({ kind: 'constant', bytes: count }) as const;
const settings: DatagramsSettings = {
  ...{ name: 'd', initiator: 'peer', port: 5000, flows: 1, startNs: 0, rampNs: 0, stopNs: 1 * s },
  rebind: { kind: 'never' },
};

function streams(world: LinkedEnds, ticks: Partial<StreamSettings>): Datagrams {
  const play: StreamSettings = { byPeer: null, byVm: null, stopNs: settings.stopNs, ...ticks };
  const workload = new Datagrams({
    settings,
    ...world.parts,
    paths: [world.ends.peer],
    firstFlow: 7,
    play: (context, flow) => new DatagramStreams(play, context, flow, world.chance.stream('d', 'draws')),
  });
  workload.start();
  return workload;
}

function questions(world: LinkedEnds, changes: Partial<DatagramsSettings>, newPort = false): Datagrams {
  const play = {
    ...{ question: bytes(40), answer: bytes(100), think: constant(200 * ms) },
    ...{ timeoutNs: 300 * ms, tries: 2, newPort, stopNs: 1 * s },
  };
  const workload = new Datagrams({
    settings: { ...settings, ...changes },
    ...world.parts,
    paths: [world.ends.peer, world.elsewhere],
    firstFlow: 7,
    play: (context, flow) => new DatagramQuestions(play, context, flow, world.chance.stream('d', 'draws')),
  });
  workload.start();
  return workload;
}

test('who did not begin a stream sends from the first datagram on that reached it', () => {
  const world = new LinkedEnds();
  streams(world, {
    byPeer: { period: constant(400 * ms), size: bytes(80) },
    byVm: { period: constant(100 * ms), size: bytes(1000) },
  });
  world.simulation.run(2 * s);
  const sentBy = (address: number): number[] =>
    world.packets.filter(({ packet }) => packet.source.w3 === address).map(({ timeNs }) => timeNs / ms);
  expect(sentBy(1)).toEqual([0, 400, 800]);
  // From 10 ms on every 100 ms, until the workload is over at 1 s.
  expect(sentBy(2)).toEqual([10, 110, 210, 310, 410, 510, 610, 710, 810, 910]);
});

test('a stream that stays away is owed from the first datagram that did not arrive', () => {
  const world = new LinkedEnds();
  const workload = streams(world, { byPeer: { period: constant(100 * ms), size: bytes(80) } });
  world.loses = (_, nowNs) => nowNs >= 500 * ms;
  world.simulation.run(2 * s);
  workload.publishStates(() => true);
  expect(world.states).toEqual([
    expect.objectContaining({ flow: 7, owedSinceNs: 500 * ms, lastSentNs: 1 * s, ends: 'both-open' }),
  ]);
  expect(world.messages.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
});

test('one lost datagram is not owed when the next has come', () => {
  const world = new LinkedEnds();
  const workload = streams(world, { byPeer: { period: constant(100 * ms), size: bytes(80) } });
  world.loses = (_, nowNs) => nowNs === 500 * ms;
  world.simulation.run(2 * s);
  workload.publishStates(() => true);
  expect(world.states[0]!.owedSinceNs).toBe(-1);
  expect(world.messages.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9, 10]);
});

test('an unanswered question is asked again, and counts from when it was asked first', () => {
  const world = new LinkedEnds();
  let lost = 0;
  world.loses = (packet) => packet.source.w3 === 2 && lost++ === 0;
  questions(world, {});
  world.simulation.run(400 * ms);
  // Asked at 0 and again at 300 ms; the first answer, of 10 ms, is lost, the second leaves at 310 ms.
  expect(
    world.messages.map(({ to, index, offeredNs, timeNs }) => [to, index, offeredNs / ms, timeNs / ms]),
  ).toEqual([
    ['vm', 0, 0, 10],
    ['peer', 0, 10, 320],
  ]);
});

test('a question is given up after its last try, and another asked', () => {
  const world = new LinkedEnds();
  world.loses = (_, nowNs) => nowNs < 700 * ms;
  questions(world, {});
  world.simulation.run(2 * s);
  const asked = world.packets.filter(({ packet }) => packet.source.w3 === 1).map(({ timeNs }) => timeNs / ms);
  // Two tries of 300 ms, 200 ms of thinking, then 20 ms for an answer and 200 ms of thinking.
  expect(asked).toEqual([0, 300, 800]);
  expect(world.messages[0]).toMatchObject({ index: 1, to: 'vm' });
});

test('a client that rebinds goes on from another port, and its server answers there', () => {
  const world = new LinkedEnds();
  questions(world, { rebind: { kind: 'after', interval: constant(500 * ms) } });
  world.simulation.run(2 * s);
  const asked = world.packets.filter(({ packet }) => packet.destinationPort === 5000);
  const sockets = asked.map(({ packet }) => `${packet.source.w3}:${packet.sourcePort}`);
  // It moves at 0.5 and 1 s: to the other machine and back, to a port that it never had.
  expect(new Set(sockets).size).toBeGreaterThan(1);
  expect(asked.filter(({ timeNs }) => timeNs > 500 * ms).map(({ packet }) => packet.source.w3)).toContain(3);
  const answers = world.packets.filter(({ packet }) => packet.sourcePort === 5000);
  expect(answers.map(({ packet }) => `${packet.destination.w3}:${packet.destinationPort}`)).toEqual(sockets);
  expect(world.opened).toHaveLength(1);
});

test('each question comes from a port of its own where the workload says so', () => {
  const world = new LinkedEnds();
  questions(world, { rebind: { kind: 'every-question' } }, true);
  world.simulation.run(2 * s);
  const ports = world.packets
    .filter(({ packet }) => packet.destinationPort === 5000)
    .map(({ packet }) => packet.sourcePort);
  // At 0, 220, 440, 660 and 880 ms.
  expect(ports).toHaveLength(5);
  expect(new Set(ports).size).toBe(5);
});

test('a datagram that another overtook counts, one that comes twice counts once', () => {
  const world = new LinkedEnds();
  // The first datagram to the VM is kept for 250 ms; of questions, the first answer is lost.
  let kept = 0;
  world.loses = (packet) => {
    if (packet.destination.w3 !== 2 || kept++ > 0) return false;
    world.simulation.schedule(250 * ms, () => world.deliver(packet), undefined);
    return true;
  };
  streams(world, { byPeer: { period: constant(100 * ms), size: bytes(80) } });
  world.simulation.run(500 * ms);
  expect(world.messages.map(({ index, timeNs }) => [index, timeNs / ms])).toEqual([
    [1, 110],
    [2, 210],
    [0, 250],
    [3, 310],
    [4, 410],
  ]);

  const asked = new LinkedEnds();
  let answers = 0;
  asked.loses = (packet) => packet.source.w3 === 2 && answers++ === 0;
  questions(asked, {});
  asked.simulation.run(450 * ms);
  // Asked at 0 and, as the answer was lost, at 300 ms again: the VM hears it twice.
  expect(asked.messages.map(({ to, index, timeNs }) => [to, index, timeNs / ms])).toEqual([
    ['vm', 0, 10],
    ['peer', 0, 320],
  ]);
});
