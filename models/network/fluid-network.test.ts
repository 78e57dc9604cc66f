import { describe, expect, it } from 'vitest';
import { Chance } from '../../sim/random.ts';
import { Simulation } from '../../sim/simulation.ts';
import { ms, s, us } from '../../sim/time.ts';
import { ipv4 } from './address.ts';
import { FluidNetwork } from './fluid-network.ts';
import { packetFrame } from './frame.ts';
import { Link } from './link.ts';
import { makePacket, Protocol } from './packet.ts';

const run = (): Simulation => new Simulation({ scenario: 'test', seed: 1, repetition: 0, replayCommand: '' });

function link(simulation: Simulation, rateBps: number, delayNs: number): Link {
  const settings = { rateBps, delayNs, queueBytes: 1e7, lossPerFrame: 0 };
  const made = new Link(
    simulation,
    'wire',
    settings,
    new Chance(1, 0).stream('wire', 'loss'),
    () => undefined,
  );
  made.connect({ send: () => undefined });
  return made;
}

function arrival(
  simulation: Simulation,
  network: FluidNetwork,
  path: Link[],
  bytes: number,
  capBps = Infinity,
): { timeNs: number } {
  const seen = { timeNs: -1 };
  network
    .stream(path, 1)
    .send(bytes, capBps)
    .listen(() => (seen.timeNs = simulation.nowNs));
  return seen;
}

describe('a fluid stream', () => {
  it('alone takes size over rate, plus the delays of its path', () => {
    const simulation = run();
    const network = new FluidNetwork(simulation, 10 * ms);
    const path = [link(simulation, 1e9, 100 * us), link(simulation, 2e9, 50 * us)];
    const seen = arrival(simulation, network, path, 125_000_000);
    simulation.run(10 * s);
    // 10^9 bits at 10^9 bit/s, and 150 us.
    expect(seen.timeNs).toBe(1 * s + 150 * us);
  });

  it('is given another share when its weight changes on the way', () => {
    const simulation = run();
    const network = new FluidNetwork(simulation, 10 * ms);
    const wire = link(simulation, 1e9, 0);
    const stream = network.stream([wire], 1);
    let arrivedNs = -1;
    stream.send(50_000_000, Infinity).listen(() => (arrivedNs = simulation.nowNs));
    arrival(simulation, network, [wire], 125_000_000);
    simulation.schedule(400 * ms, () => stream.setWeight(3), undefined);
    simulation.run(10 * s);
    // 0.4 Gbit: 0.2 of them at half the rate in 0.4 s, the other 0.2 at three quarters of it.
    expect(arrivedNs / s).toBeCloseTo(0.4 + 0.2 / 0.75, 8);
  });

  it('shares a link with another while both are under way', () => {
    const simulation = run();
    const network = new FluidNetwork(simulation, 10 * ms);
    const wire = link(simulation, 1e9, 0);
    const small = arrival(simulation, network, [wire], 12_500_000);
    const large = arrival(simulation, network, [wire], 37_500_000);
    simulation.run(10 * s);
    // 0.1 Gbit at half the rate: 0.2 s. By then 0.1 of 0.3 Gbit are sent; the other 0.2 take 0.2 s alone.
    expect(small.timeNs / s).toBeCloseTo(0.2, 8);
    expect(large.timeNs / s).toBeCloseTo(0.4, 8);
  });

  it('keeps to its cap', () => {
    const simulation = run();
    const network = new FluidNetwork(simulation, 10 * ms);
    const seen = arrival(simulation, network, [link(simulation, 1e9, 0)], 12_500_000, 1e8);
    simulation.run(10 * s);
    expect(seen.timeNs).toBe(1 * s);
  });

  it('waits while its link is cut and goes on when it is healed', () => {
    const simulation = run();
    const network = new FluidNetwork(simulation, 10 * ms);
    const wire = link(simulation, 1e9, 0);
    const seen = arrival(simulation, network, [wire], 125_000_000);
    simulation.schedule(500 * ms, () => wire.setUp(false), undefined);
    simulation.schedule(1500 * ms, () => wire.setUp(true), undefined);
    simulation.run(10 * s);
    expect(seen.timeNs).toBe(2 * s);
  });
});

describe('a fluid stream over a lossy link', () => {
  /** A link of 100 Mbit/s and 5 ms; when 12.5 MB have arrived, in seconds. */
  function arrivalS(change: (wire: Link, simulation: Simulation) => void, weight = 1): number {
    const simulation = run();
    const network = new FluidNetwork(simulation, 10 * ms);
    const wire = link(simulation, 1e8, 5 * ms);
    change(wire, simulation);
    let arrivedNs = -1;
    network
      .stream([wire], weight)
      .send(12_500_000, Infinity)
      .listen(() => (arrivedNs = simulation.nowNs));
    simulation.run(100 * s);
    return arrivedNs / s;
  }

  it('keeps to what TCP would get, and sends again what is lost', () => {
    // sqrt(3 / 0.02) × 11,680 bits in 10 ms: 14.305 Mbit/s, of which 99 % arrive: 100 Mbit take 7.061 s.
    expect(arrivalS((wire) => wire.setLossPerFrame(0.01))).toBeCloseTo(7.061 + 0.005, 2);
  });

  it('goes faster by its weight, which is that of several connections', () => {
    expect(arrivalS((wire) => wire.setLossPerFrame(0.01), 2)).toBeCloseTo(7.061 / 2 + 0.005, 2);
  });

  it('is slowed while a loss lasts', () => {
    // 0.5 s at 100 Mbit/s, 1 s at 14.305 × 0.99 = 14.162, and the last 35.838 Mbit at 100.
    const arrivedS = arrivalS((wire, simulation) => {
      simulation.schedule(500 * ms, () => wire.setLossPerFrame(0.01), undefined);
      simulation.schedule(1500 * ms, () => wire.setLossPerFrame(0), undefined);
    });
    expect(arrivedS).toBeCloseTo(1.5 + 0.35838 + 0.005, 1);
    // The change is seen within one interval of 10 ms.
    expect(Math.abs(arrivedS - 1.86338)).toBeLessThan(0.01);
  });

  it('loses only what is lost where the link is the bound', () => {
    // sqrt(1.5 / 0.0001) = 122 segments in 10 ms are 143 Mbit/s: 100 Mbit at 100 × 0.9999.
    expect(arrivalS((wire) => wire.setLossPerFrame(0.0001))).toBeCloseTo(1.0001 + 0.005, 4);
  });
});

/** Offers packets of 1,462 bytes (1,500 on the wire) evenly at `rateBps` beside a stream of `bytes`. */
function besidePackets(intervalNs: number, rateBps: number, bytes: number): number {
  const simulation = run();
  const network = new FluidNetwork(simulation, intervalNs);
  const settings = { rateBps: 1e9, delayNs: 0, queueBytes: 1e7, lossPerFrame: 0 };
  const wire = new Link(
    simulation,
    'wire',
    settings,
    new Chance(1, 0).stream('wire', 'loss'),
    () => undefined,
  );
  wire.connect({ send: () => undefined });
  const emit = (): void => {
    const packet = makePacket({
      source: ipv4(1),
      destination: ipv4(2),
      protocol: Protocol.udp,
      payloadBytes: 1434,
    });
    const frame = packetFrame(packet, 1, 2);
    wire.send(frame);
    simulation.schedule(Math.round((1500 * 8 * s) / rateBps), emit, undefined);
  };
  simulation.schedule(0, emit, undefined);
  let streamNs = -1;
  simulation.schedule(
    100 * ms,
    () =>
      network
        .stream([wire], 1)
        .send(bytes, Infinity)
        .listen(() => {
          streamNs = simulation.nowNs - 100 * ms;
        }),
    undefined,
  );
  simulation.run(1500 * ms);
  return streamNs;
}

describe('fluid beside packets', () => {
  it('gets what packets below their fair share leave', () => {
    // 0.7 Gbit/s are left of 1: 0.7 Gbit take a second.
    const streamNs = besidePackets(10 * ms, 3e8, 87_500_000);
    expect(streamNs / s).toBeCloseTo(1, 2);
  });

  it('gets its fair share where packets want more', () => {
    // Packets want 0.8 of 1 Gbit/s; the fair share of two is a half: 0.5 Gbit take a second.
    const streamNs = besidePackets(10 * ms, 8e8, 62_500_000);
    expect(streamNs / s).toBeCloseTo(1, 2);
  });

  it('takes within 2 % the same time when the interval is halved or doubled', () => {
    for (const rateBps of [1e8, 3e8, 7e8]) {
      const usual = besidePackets(10 * ms, rateBps, 40_000_000);
      for (const intervalNs of [5 * ms, 20 * ms]) {
        const other = besidePackets(intervalNs, rateBps, 40_000_000);
        expect(Math.abs(other / usual - 1)).toBeLessThan(0.02);
      }
    }
  });
});
