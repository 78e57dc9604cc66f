import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ms } from '../../sim/time.ts';
import { Chance } from '../../sim/random.ts';
import { Simulation } from '../../sim/simulation.ts';
import { ipv4 } from './address.ts';
import { EndpointHost } from './endpoint-host.ts';
import { packetFrame } from './frame.ts';
import { IdleConnections } from './idle-connections.ts';
import { Link } from './link.ts';
import type { Packet } from './packet.ts';
import type { TcpApplication } from './tcp-application.ts';
import { linux6, type TcpSettings } from './tcp-settings.ts';

interface Exchange {
  readonly pauseMs: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
}

/** What both ends send in exchanges with pauses between, each packet with its time; and how many ends were kept as rows. */
function play(settings: TcpSettings, exchanges: readonly Exchange[]): { packets: object[]; rows: number } {
  const simulation = new Simulation({ scenario: 'test', seed: 1, repetition: 0, replayCommand: '' });
  const idle = new IdleConnections(settings);
  const packets: object[] = [];
  const draws = new Chance(1, 0).stream('wire', 'loss');
  const wire = { rateBps: 1e9, delayNs: 1 * ms, queueBytes: 1e7, lossPerFrame: 0 };
  const [up, down] = ['up', 'down'].map((name) => new Link(simulation, name, wire, draws, () => undefined));
  const host = (address: number, link: Link): EndpointHost =>
    new EndpointHost(ipv4(address), idle, simulation, simulation, (packet: Packet) => {
      packets.push({ timeNs: simulation.nowNs, packet });
      link.send(packetFrame(packet, address, 3 - address));
    });
  const client = host(1, up!);
  const server = host(2, down!);
  up!.connect({ send: ({ packet }) => server.deliver(packet!) });
  down!.connect({ send: ({ packet }) => client.deliver(packet!) });
  let rows = 0;
  idle.take = () => {
    rows++;
    return IdleConnections.prototype.take.call(idle);
  };
  let heard = 0;
  let current = exchanges[0]!;
  const listener: TcpApplication = {
    ...silent,
    delivered: (endpoint, bytes) => {
      heard += bytes;
      if (heard === current.requestBytes) endpoint.send(current.responseBytes);
    },
  };
  server.listenTcp(80, () => listener);
  const end = client.connectTcp(40_000, ipv4(2), 80, 0, silent);
  let atNs = 0;
  for (const exchange of exchanges) {
    atNs += exchange.pauseMs * ms;
    simulation.scheduleAt(
      atNs,
      () => {
        current = exchange;
        heard = 0;
        end.send(exchange.requestBytes);
      },
      undefined,
    );
  }
  simulation.run(atNs + 1000 * ms);
  return { packets, rows };
}

const silent: TcpApplication = {
  established: () => undefined,
  delivered: () => undefined,
  finished: () => undefined,
  closed: () => undefined,
};

describe('an end of a connection that is kept as a row', () => {
  const exchange = fc.record({
    pauseMs: fc.oneof(fc.integer({ min: 50, max: 190 }), fc.integer({ min: 210, max: 3000 })),
    requestBytes: fc.integer({ min: 1, max: 3000 }),
    responseBytes: fc.integer({ min: 1, max: 20_000 }),
  });
  // Keep-alive that never comes forbids rows, and changes nothing else.
  const never = { idleNs: 1e15, intervalNs: 1e15, probesMax: 9 };

  it('sends what it would have sent had it been kept whole, whatever the pauses', () => {
    let kept = 0;
    fc.assert(
      fc.property(fc.array(exchange, { minLength: 3, maxLength: 12 }), (exchanges) => {
        const rows = play(linux6, exchanges);
        const whole = play({ ...linux6, keepAlive: never }, exchanges);
        expect(whole.rows).toBe(0);
        expect(rows.packets).toEqual(whole.packets);
        kept += rows.rows;
      }),
      { numRuns: 100 },
    );
    expect(kept).toBeGreaterThan(200);
  });

  it('is kept at once when the exchange is over, if such come far apart', () => {
    const far = { pauseMs: 2000, requestBytes: 100, responseBytes: 1000 };
    // Both ends, after the handshake and each exchange; the client once more, since the first request is acknowledged alone.
    expect(play(linux6, [far, far, far]).rows).toBe(9);
  });
});
