import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Chance } from '../../sim/random.ts';
import { Simulation } from '../../sim/simulation.ts';
import { us } from '../../sim/time.ts';
import { ipv4 } from './address.ts';
import { announcementFrame, packetFrame } from './frame.ts';
import { Link } from './link.ts';
import { makePacket } from './packet.ts';
import { Switch } from './switch.ts';

const nothing = (): void => undefined;

/** What a link carries when an announcement comes, and what it is. */
interface Way {
  readonly rateBps: number;
  readonly payloadBytes: number;
  readonly fair: boolean;
  readonly up: boolean;
  readonly queueBytes: number;
}

const way = fc.record<Way>({
  rateBps: fc.constantFrom(1e9, 1e9, 1e10),
  payloadBytes: fc.constantFrom(0, 0, 0, 100, 1400),
  fair: fc.boolean(),
  up: fc.constantFrom(true, true, true, false),
  queueBytes: fc.constantFrom(100, 100_000),
});

it('brings an announcement to each port when its own link does, in the order of the ports', () => {
  fc.assert(
    fc.property(fc.array(way, { minLength: 2, maxLength: 12 }), (ways) => {
      expect(heard(ways, true).arrivals).toEqual(heard(ways, false).arrivals);
    }),
  );
});

it('takes one event for all links that are alike', () => {
  const idle = { rateBps: 1e9, payloadBytes: 0, fair: false, up: true, queueBytes: 1e6 };
  const { events, arrivals } = heard(
    Array.from({ length: 50 }, () => idle),
    true,
  );
  // The announcement itself comes by no link. A frame of 84 bytes takes 672 ns at 1 Gbit/s, and 5 us on the way.
  expect(arrivals).toEqual(Array.from({ length: 50 }, (_, port) => [100 * us + 672 + 5 * us, port, true]));
  // One that starts it, and one that ends it.
  expect(events).toBe(2);
});

/** When what arrives at which port; `together` over links that the switch knows as such. */
function heard(ways: readonly Way[], together: boolean): { arrivals: unknown[]; events: number } {
  const simulation = new Simulation({ scenario: 'test', seed: 1, repetition: 0, replayCommand: '' });
  const arrivals: unknown[] = [];
  const hub = new Switch(simulation, 'switch', 0, { learnt: nothing, forwarded: nothing });
  const links = ways.map(({ rateBps, fair, queueBytes, up }, port) => {
    const settings = { rateBps, delayNs: 5 * us, queueBytes, lossPerFrame: 0 };
    const draws = new Chance(1, 0).stream(`wire ${port}`, 'loss');
    const link = new Link(simulation, 'wire', settings, draws, nothing);
    if (fair) link.queueFairly();
    link.setUp(up);
    link.connect({ send: (frame) => arrivals.push([simulation.nowNs, port, frame.packet === null]) });
    hub.attach(together ? link : { send: (frame) => link.send(frame) }, true);
    return link;
  });
  const announcing = hub.attach({ send: nothing }, false);
  ways.forEach(({ payloadBytes }, port) => {
    if (payloadBytes === 0) return;
    const packet = makePacket({ source: ipv4(1), destination: ipv4(2), payloadBytes });
    simulation.schedule(100 * us, () => links[port]!.send(packetFrame(packet, 90, 91)), undefined);
  });
  const announce = (): void => announcing.send(announcementFrame('rarp', 7, ipv4(7)));
  simulation.schedule(100 * us, announce, undefined);
  simulation.run(Infinity);
  return { arrivals, events: simulation.eventsRun };
}
