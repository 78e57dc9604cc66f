import { expect, test } from 'vitest';
import { ms, s } from '../../sim/time.ts';
import { TcpFlag } from '../network/packet.ts';
import { LinkedEnds } from './linked-ends.fixture.ts';
import { TcpSessions, type Load } from './tcp-sessions.ts';
import { turn, type Script } from './turn.ts';

const never = { afterNs: Infinity, unansweredNs: Infinity };
const bytes = (count: number) => ({ kind: 'constant', bytes: count }) as const;
const now = { kind: 'none' } as const;
const after = (ns: number) => ({ kind: 'constant', ns }) as const;

function sessions(
  world: LinkedEnds,
  script: Partial<Script>,
  { load, stopNs = 100 * s, reconnect = never }: { load: Load; stopNs?: number; reconnect?: typeof never },
): TcpSessions {
  const whole: Script = {
    opening: [],
    round: [turn('peer', bytes(100), after(50 * ms)), turn('vm', bytes(2000), now)],
    roundsMax: 3,
    closes: 'peer',
    closesBy: 'close',
    closesAtNs: 0,
    answer: null,
    pausesFirst: false,
    ...script,
  };
  const workload = new TcpSessions({
    ...world.parts,
    settings: { name: 'w', initiator: 'peer', port: 80, load, startNs: 0, stopNs, reconnect },
    flows: { first: 0, count: 1_000_000 },
    script: () => whole,
  });
  workload.start();
  return workload;
}

const oneUser = (restNs: number): Load => ({ kind: 'closed', users: 1, rampNs: 0, rest: after(restNs) });

test('a session asks and answers in turns, pauses between rounds only, and closes', () => {
  const world = new LinkedEnds();
  sessions(world, {}, { load: oneUser(100 * s) });
  world.simulation.run(10 * s);
  // Handshake 20 ms, then 10 ms each way, then 50 ms of thinking: three times.
  expect(
    world.messages.map(({ to, bytes: count, index, timeNs }) => [to, count, index, timeNs / ms]),
  ).toEqual([
    ['vm', 100, 0, 30],
    ['peer', 2000, 0, 40],
    ['vm', 100, 1, 100],
    ['peer', 2000, 1, 110],
    ['vm', 100, 2, 170],
    ['peer', 2000, 2, 180],
  ]);
  expect(world.states.map(({ ends, owedSinceNs }) => [ends, owedSinceNs])).toEqual([['closed', -1]]);
});

test('who is to speak first waits until the connection is open at its own end', () => {
  const world = new LinkedEnds();
  sessions(world, { opening: [turn('vm', bytes(40), now)] }, { load: oneUser(100 * s) });
  world.simulation.run(1 * s);
  // The VM's end is open when the ACK of its SYN/ACK has come, at 30 ms; the first request follows after a pause.
  expect(world.messages.slice(0, 2).map(({ to, timeNs }) => [to, timeNs / ms])).toEqual([
    ['peer', 40],
    ['vm', 40 + 50 + 10],
  ]);
});

test('a closed loop begins a user’s next session when the one before has been said and the user has rested', () => {
  const world = new LinkedEnds();
  sessions(world, { roundsMax: 1 }, { load: oneUser(500 * ms), stopNs: 2 * s });
  world.simulation.run(5 * s);
  // 40 ms of talk and 500 ms of rest.
  expect(world.opened.map(({ flow, timeNs }) => [flow, timeNs / ms])).toEqual([
    [0, 0],
    [1, 540],
    [2, 1080],
    [3, 1620],
  ]);
});

test('an open loop begins sessions whatever becomes of the others', () => {
  const world = new LinkedEnds();
  world.loses = () => true;
  sessions(world, {}, { load: { kind: 'open', arrivals: after(300 * ms) }, stopNs: 1 * s });
  world.simulation.run(2 * s);
  expect(world.opened.map(({ timeNs }) => timeNs / ms)).toEqual([300, 600, 900]);
});

test('a closed loop waits for what is lost', () => {
  const world = new LinkedEnds();
  world.loses = () => true;
  const workload = sessions(world, {}, { load: oneUser(0), stopNs: 1 * s });
  world.simulation.run(2 * s);
  expect(world.opened).toHaveLength(1);
  workload.publishStates(() => true);
  // Nobody answered the SYN: it is owed since it was sent.
  expect(world.states[0]?.owedSinceNs).toBe(0);
  // It is being opened, not half-open: no end has closed.
  expect(world.states[0]?.ends).toBe('both-open');
});

test('an application that reconnects repeats the opening and the round under way, and counts no message twice', () => {
  const world = new LinkedEnds();
  const script = { opening: [turn('vm', bytes(40), now)], roundsMax: 2 };
  sessions(world, script, {
    load: oneUser(100 * s),
    reconnect: { afterNs: 200 * ms, unansweredNs: 300 * ms },
  });
  // The first answer is lost, and everything else of the first connection after it.
  let cutNs = Infinity;
  let firstPort = 0;
  world.loses = ({ sourcePort, destinationPort, payloadBytes }, nowNs) => {
    if (firstPort === 0) firstPort = sourcePort;
    if (payloadBytes === 2000) cutNs = Math.min(cutNs, nowNs);
    const ofFirst = sourcePort === firstPort || destinationPort === firstPort;
    return ofFirst && nowNs >= cutNs;
  };
  world.simulation.run(10 * s);
  expect(world.messages.map(({ to, index, bytes: count }) => [to, index, count])).toEqual([
    ['peer', 0, 40],
    ['vm', 0, 100],
    ['peer', 1, 2000],
    ['vm', 1, 100],
    ['peer', 2, 2000],
  ]);
  expect(world.ended.filter(({ how }) => how === 'reconnected')).toHaveLength(1);
  // Nobody saw a reset: the application's own is lost.
  expect(world.ended.filter(({ how }) => how === 'reset')).toHaveLength(0);
  expect(world.ended.filter(({ how }) => how === 'given-up').map(({ end }) => end)).toEqual(['peer']);
  // The request was sent 50 ms after the opening, which took 40 ms; it is given up after 300 ms, and 200 ms later said again.
  const second = world.packets.find(
    ({ packet }) => packet.tcpFlags === TcpFlag.syn && packet.sourcePort !== firstPort,
  );
  expect(second!.timeNs / ms).toBeCloseTo(40 + 50 + 300 + 200, 0);
});

test('an application that gives up closes, and its kernel resets what the other still says', () => {
  const world = new LinkedEnds();
  sessions(
    world,
    { roundsMax: Infinity },
    {
      load: oneUser(100 * s),
      reconnect: { afterNs: Infinity, unansweredNs: 300 * ms },
    },
  );
  // All answers are lost for half a second, but nothing that the client sends: its FIN arrives, the answer again later.
  world.loses = ({ source, payloadBytes }, nowNs) =>
    source.w3 === world.ends.vm.address.w3 && payloadBytes > 0 && nowNs < 600 * ms;
  world.simulation.run(20 * s);
  const ofClient = world.packets.filter(({ packet }) => packet.source.w3 === world.ends.peer.address.w3);
  const closing = ofClient.filter(({ packet }) => (packet.tcpFlags & (TcpFlag.fin | TcpFlag.rst)) !== 0);
  expect(closing[0]!.packet.tcpFlags & TcpFlag.fin).toBe(TcpFlag.fin);
  expect(closing.at(-1)!.packet.tcpFlags).toBe(TcpFlag.rst);
  expect(world.ended.map(({ how, end }) => [how, end])).toEqual([
    ['given-up', 'peer'],
    ['reset', 'vm'],
  ]);
  expect(world.ends.vm.connectionCount + world.ends.peer.connectionCount).toBe(0);
});

test('an application that does not reconnect leaves a broken connection', () => {
  const world = new LinkedEnds();
  sessions(world, { roundsMax: Infinity, closes: 'nobody' }, { load: oneUser(0) });
  world.simulation.schedule(1 * s, () => world.ends.vm.resetConnections(), undefined);
  world.simulation.run(20 * s);
  expect(world.ended.map(({ how }) => how)).toContain('reset');
  expect(world.opened).toHaveLength(1);
  expect(world.messages.every(({ timeNs }) => timeNs < 1.1 * s)).toBe(true);
});

test('progress of a large message is seen in pieces', () => {
  const world = new LinkedEnds();
  const large = { ...turn('vm', bytes(250_000), now), pieceBytes: 100_000 };
  sessions(world, { round: [turn('peer', bytes(10), now), large], roundsMax: 1 }, { load: oneUser(100 * s) });
  world.simulation.run(5 * s);
  const pieces = world.messages.filter(({ to }) => to === 'peer');
  expect(pieces.map(({ bytes: count }) => count)).toEqual([100_000, 100_000, 50_000]);
  expect(new Set(pieces.map(({ offeredNs }) => offeredNs)).size).toBe(1);
  expect(pieces[0]!.timeNs).toBeLessThan(pieces[2]!.timeNs);
});

test('sessions that are over are forgotten, and an attacker still knows some of their ends', () => {
  const world = new LinkedEnds();
  const workload = sessions(world, { roundsMax: 1 }, { load: oneUser(0), stopNs: 49.99 * s });
  world.simulation.run(60 * s);
  const before = world.states.length;
  expect(before).toBeGreaterThan(1000);
  workload.publishStates(() => true);
  expect(world.states.length).toBe(before);
  expect(workload.known.closed(0.5)?.remotePort).toBe(80);
  expect(workload.known.live(0.5)).toBeNull();
});
