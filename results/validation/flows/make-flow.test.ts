import { expect, test } from 'vitest';
import { ipv4 } from '../../../models/network/address.ts';
import { EndpointHost } from '../../../models/network/endpoint-host.ts';
import { IdleConnections } from '../../../models/network/idle-connections.ts';
import type { Packet } from '../../../models/network/packet.ts';
import { linux6 } from '../../../models/network/tcp-settings.ts';
import { Simulation } from '../../../sim/simulation.ts';
import { ms, s } from '../../../sim/time.ts';
import { makeFlow, type FlowKind } from './make-flow.ts';
import type { MeasuredFlow } from './measured-flow.ts';

/** Two hosts with 50 us between them in each direction, and a flow. */
function world(
  kind: FlowKind,
  protocol: 'tcp' | 'udp',
): { simulation: Simulation; flow: MeasuredFlow; cut: (is: boolean) => void } {
  const simulation = new Simulation({ scenario: 'flows', seed: 1, repetition: 0, replayCommand: '' });
  let cut = false;
  const wire = (to: () => EndpointHost) => (packet: Packet) => {
    if (!cut)
      simulation.schedule(
        50_000,
        (arrived: Packet) => {
          to().deliver(arrived);
        },
        packet,
      );
  };
  const connector: EndpointHost = new EndpointHost(
    ipv4(1),
    new IdleConnections(linux6),
    simulation,
    simulation,
    wire(() => acceptor),
  );
  const acceptor: EndpointHost = new EndpointHost(
    ipv4(2),
    new IdleConnections(linux6),
    simulation,
    simulation,
    wire(() => connector),
  );
  const flow = makeFlow(kind, protocol, { connector, acceptor, port: 7001, flow: 3 });
  flow.listen();
  flow.open();
  return {
    simulation,
    flow,
    cut: (is) => {
      cut = is;
    },
  };
}

test('A bulk source sends 32 KiB every 32 ms', () => {
  const { simulation, flow } = world('bulk-down', 'tcp');
  simulation.run(1 * s);
  // Blocks at 0, 32, …, 992 ms after the handshake.
  expect(flow.received.connector.bytes).toBe(32 * 32_768);
  expect(flow.received.acceptor.bytes).toBe(0);
  expect(flow.needed).toEqual(['connector']);
});

test('A source whose blocks are not acknowledged stops writing, and goes on when they are', () => {
  const { simulation, flow, cut } = world('bulk-up', 'tcp');
  simulation.run(1 * s);
  cut(true);
  simulation.run(3 * s);
  const before = flow.received.acceptor.bytes;
  cut(false);
  simulation.run(5 * s);
  const blocks = (flow.received.acceptor.bytes - before) / 32_768;
  // The timeout of 208 ms has doubled until 1.0 + 15 * 0.208 = 4.1 s; blocks of the 0.9 s that are left are 27, and one
  // was on its way. Without a full buffer there would be 62 more, of the 2 s of the cut.
  expect(Math.round(blocks)).toBeGreaterThanOrEqual(26);
  expect(Math.round(blocks)).toBeLessThanOrEqual(29);
});

test.each(['tcp', 'udp'] as const)(
  'Requests over %s follow each other 50 ms after the answer',
  (protocol) => {
    const { simulation, flow } = world('rr', protocol);
    simulation.run(10 * ms);
    flow.sendNextAt(100 * ms);
    simulation.run(160 * ms);
    const times = flow.received.acceptor.timesNs.filter((timeNs) => timeNs > 10 * ms);
    expect(times[0]).toBe(100 * ms + 50_000);
    // The answer is back 0.1 ms after the request has left.
    expect(times[1]).toBe(150 * ms + 150_000);
  },
);

test('A lost request over UDP is given up after 250 ms, and the next follows after two pauses', () => {
  const { simulation, flow, cut } = world('rr', 'udp');
  simulation.run(10 * ms);
  flow.sendNextAt(100 * ms);
  simulation.run(90 * ms);
  cut(true);
  simulation.run(110 * ms);
  cut(false);
  simulation.run(500 * ms);
  expect(flow.received.acceptor.firstFrom(90 * ms)).toBe(450 * ms + 50_000);
});

test('An idle flow carries one byte each way, once it is told to speak', () => {
  const { simulation, flow } = world('srv-first', 'tcp');
  simulation.run(100 * ms);
  expect(flow.received.connector.bytes).toBe(0);
  flow.speak();
  simulation.run(200 * ms);
  expect(flow.received.connector.timesNs).toEqual([100 * ms + 50_000]);
  expect(flow.received.acceptor.timesNs).toEqual([100 * ms + 100_000]);
});

test('A push flow sends 200 bytes every 100.25 ms to the end that opened it', () => {
  const { simulation, flow } = world('push', 'udp');
  simulation.run(10 * ms);
  flow.sendNextAt(30 * ms);
  simulation.run(1 * s);
  // The first datagram at once, then at 30, 130.25, …, 932.25 ms.
  expect(flow.received.connector.bytes).toBe(11 * 200);
  expect(flow.received.acceptor.timesNs).toHaveLength(1);
  expect(flow.received.connector.longestGapNs(20 * ms)).toBe(100.25 * ms);
});
