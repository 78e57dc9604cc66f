import { describe, expect, it } from 'vitest';
import { ms, s } from '../../sim/time.ts';
import { TcpFlag } from '../network/packet.ts';
import { GuestClock } from '../compute/guest-clock.ts';
import { GuestTimers } from '../compute/guest-timers.ts';
import { Datagrams } from './datagrams.ts';
import { DatagramStreams } from './datagram-streams.ts';
import { LinkedEnds } from './linked-ends.fixture.ts';
import { RecordedFlows } from './recorded-flows.ts';
import { TcpSessions, type Load } from './tcp-sessions.ts';
import { turn } from './turn.ts';

const bytes = (count: number) => ({ kind: 'constant', bytes: count }) as const;
const now = { kind: 'none' } as const;
const never = { afterNs: Infinity, unansweredNs: Infinity };

/** The guest stands still from 1 s to 1.5 s. */
class PausedWorld {
  readonly ends: LinkedEnds;

  constructor() {
    this.ends = new LinkedEnds((simulation) => {
      const clock = new GuestClock(simulation);
      simulation.schedule(1 * s, () => clock.setRate(0, 'pause'), undefined);
      simulation.schedule(1500 * ms, () => clock.setRate(1, 'pause'), undefined);
      return new GuestTimers(simulation, clock, 'frozen');
    });
  }

  /** Segments and datagrams by which the guest did something in the pause; in this world packets still reach it then. */
  saidInPause(): number {
    const { syn, fin } = TcpFlag;
    return this.ends.packets.filter(
      ({ timeNs, packet }) =>
        packet.source.w3 === 2 &&
        (packet.payloadBytes > 0 || (packet.tcpFlags & (syn | fin)) !== 0) &&
        timeNs > 1000 * ms &&
        timeNs < 1500 * ms,
    ).length;
  }

  sessions(load: Load, round = [turn('vm', bytes(100), now), turn('peer', bytes(100), now)]): void {
    new TcpSessions({
      ...this.ends.parts,
      settings: {
        ...{ name: 'w', initiator: 'vm', port: 80, load, startNs: 0, stopNs: 3 * s, reconnect: never },
      },
      flows: { first: 0, count: 1_000_000 },
      script: () => ({
        ...{
          opening: [],
          round,
          roundsMax: 1,
          closes: 'vm',
          closesBy: 'close',
          closesAtNs: 0,
          answer: null,
          pausesFirst: true,
        },
      }),
    }).start();
  }
}

const opensAt = (world: PausedWorld): number[] => world.ends.opened.map(({ timeNs }) => timeNs / ms);

describe('a guest that stands still', () => {
  it('opens no connection; what is due meanwhile is opened when it goes on', () => {
    const world = new PausedWorld();
    world.sessions({ kind: 'open', arrivals: { kind: 'constant', ns: 300 * ms } });
    world.ends.simulation.run(4 * s);
    // Every 300 ms of the world's time, so that the later ones are the same under every scheme.
    expect(opensAt(world)).toEqual([300, 600, 900, 1500, 1500, 1800, 2100, 2400, 2700, 3000]);
    expect(world.saidInPause()).toBe(0);
  });

  it('begins none of the sessions that are spread over a ramp', () => {
    const world = new PausedWorld();
    const rest = { kind: 'constant', ns: 10 * s } as const;
    world.sessions({ kind: 'closed', users: 4, rampNs: 1800 * ms, rest });
    world.ends.simulation.run(4 * s);
    expect(opensAt(world)).toEqual([0, 600, 1500, 1800]);
  });

  it('neither goes on speaking nor closes when the other end has heard it', () => {
    const world = new PausedWorld();
    const rest = { kind: 'constant', ns: 10 * s } as const;
    const load = { kind: 'closed', users: 1, rampNs: 0, rest } as const;
    // What the guest says at 995 ms arrives at 1,005 ms, when it stands still; its clock then shows 1 s until 1.5 s.
    world.sessions(load, [turn('vm', bytes(100), { kind: 'at', ns: 995 * ms }), turn('vm', bytes(200), now)]);
    world.ends.simulation.run(4 * s);
    expect(world.saidInPause()).toBe(0);
    expect(world.ends.messages.map(({ bytes: count, timeNs }) => [count, timeNs / ms])).toEqual([
      [100, 1005],
      [200, 1510],
    ]);
    expect(world.ends.ended.map(({ end, how }) => [end, how])).toEqual([['peer', 'closed']]);
  });

  it('begins no flow of datagrams, recorded or not', () => {
    const world = new PausedWorld();
    new Datagrams({
      ...world.ends.parts,
      settings: {
        ...{ name: 'd', initiator: 'vm', port: 9, flows: 2, startNs: 0, rampNs: 1200 * ms, stopNs: 3 * s },
        rebind: { kind: 'never' },
      },
      ...{ paths: [world.ends.ends.vm], firstFlow: 0 },
      play: (context, flow) =>
        new DatagramStreams(
          {
            byVm: { period: { kind: 'constant', ns: 10 * s }, size: bytes(10) },
            ...{ byPeer: null, stopNs: 3 * s },
          },
          ...[context, flow, world.ends.chance.stream('d', 'size')],
        ),
    }).start();
    new RecordedFlows({
      ...{ ...world.ends.parts, name: 'r', firstFlow: 10, startNs: 0 },
      flows: [
        {
          flow: {
            ...{
              protocol: 'tcp',
              initiator: 'vm',
              port: 80,
              atNs: 1100 * ms,
              closes: 'vm',
              closesBy: 'close',
              closesAtNs: 0,
              otherClosesAtNs: 0,
            },
            messages: [],
          },
          ends: world.ends.ends,
        },
      ],
    }).start();
    world.ends.simulation.run(4 * s);
    expect(world.ends.opened.map(({ flow, timeNs }) => [flow, timeNs / ms])).toEqual([
      [0, 0],
      [10, 1500],
      [1, 1500],
    ]);
    expect(world.saidInPause()).toBe(0);
  });
});
