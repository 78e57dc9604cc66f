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
    const network = new FluidNetwork(simulation, { intervalNs: 10 * ms, age: 'linux-6.x', start: 'at-once' });
    const path = [link(simulation, 1e9, 100 * us), link(simulation, 2e9, 50 * us)];
    const seen = arrival(simulation, network, path, 125_000_000);
    simulation.run(10 * s);
    // 10^9 bits at 10^9 bit/s, and 150 us.
    expect(seen.timeNs).toBe(1 * s + 150 * us);
  });

  it('is given another share when its weight changes on the way', () => {
    const simulation = run();
    const network = new FluidNetwork(simulation, { intervalNs: 10 * ms, age: 'linux-6.x', start: 'at-once' });
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
    const network = new FluidNetwork(simulation, { intervalNs: 10 * ms, age: 'linux-6.x', start: 'at-once' });
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
    const network = new FluidNetwork(simulation, { intervalNs: 10 * ms, age: 'linux-6.x', start: 'at-once' });
    const seen = arrival(simulation, network, [link(simulation, 1e9, 0)], 12_500_000, 1e8);
    simulation.run(10 * s);
    expect(seen.timeNs).toBe(1 * s);
  });

  it('waits while its link is cut and goes on when it is healed', () => {
    const simulation = run();
    const network = new FluidNetwork(simulation, { intervalNs: 10 * ms, age: 'linux-6.x', start: 'at-once' });
    const wire = link(simulation, 1e9, 0);
    const seen = arrival(simulation, network, [wire], 125_000_000);
    simulation.schedule(500 * ms, () => wire.setUp(false), undefined);
    simulation.schedule(1500 * ms, () => wire.setUp(true), undefined);
    simulation.run(10 * s);
    expect(seen.timeNs).toBe(2 * s);
  });
});

describe('a fluid stream that begins with slow start', () => {
  const settings = { intervalNs: 10 * ms, age: 'linux-6.x', start: 'slow-start' } as const;

  it('has ten segments in its first round trip, and twice as many in each after it', () => {
    const simulation = run();
    const network = new FluidNetwork(simulation, settings);
    const seen = arrival(simulation, network, [link(simulation, 1e8, 5 * ms)], 12_500_000);
    simulation.run(10 * s);
    // 10 × 1,448 bytes are 0.11584 Mbit: 3 times that in 15 ms, 4 and 8 times in 10 ms each, 98.2624 Mbit at 100 Mbit/s.
    expect(seen.timeNs / s).toBeCloseTo(0.035 + 0.982624 + 0.005, 6);
  });

  it('goes on where it was, unless it has been idle for a timeout', () => {
    const simulation = run();
    const stream = new FluidNetwork(simulation, settings).stream([link(simulation, 1e8, 5 * ms)], 1);
    const times: number[] = [];
    const send = (): void => {
      stream.send(1_250_000, Infinity).listen(() => times.push(simulation.nowNs / s));
    };
    send();
    simulation.schedule(200 * ms, send, undefined);
    simulation.schedule(1 * s, send, undefined);
    simulation.run(10 * s);
    // 10 Mbit: 1.7376 in 35 ms and 8.2624 at 100 Mbit/s; then at 100 at once; after 0.695 s idle, three timeouts of
    // 0.21 s, the window is an eighth, 0.125 Mbit: 3 times that in 15 ms, 4 times in 10, and 9.125 at 100.
    expect(times[0]).toBeCloseTo(0.035 + 0.082624 + 0.005, 4);
    expect(times[1]).toBeCloseTo(0.2 + 0.1 + 0.005, 4);
    expect(times[2]).toBeCloseTo(1 + 0.025 + 0.09125 + 0.005, 4);
  });

  it('sends at once what fits into a window', () => {
    const simulation = run();
    const network = new FluidNetwork(simulation, settings);
    const seen = arrival(simulation, network, [link(simulation, 1e8, 5 * ms)], 12_500);
    simulation.run(10 * s);
    expect(seen.timeNs / s).toBeCloseTo(0.001 + 0.005, 8);
  });

  it('has no slow start where that would be over within a tenth of an interval', () => {
    const simulation = run();
    const network = new FluidNetwork(simulation, settings);
    // Less than two doublings of 0.2 ms.
    const seen = arrival(simulation, network, [link(simulation, 4e9, 100_000)], 50_000_000);
    simulation.run(10 * s);
    expect(seen.timeNs / s).toBeCloseTo(0.1001, 6);
  });
});

describe('a fluid stream over a lossy link', () => {
  /** A link of 100 Mbit/s and 5 ms; when 12.5 MB have arrived, in seconds. */
  function arrivalS(change: (wire: Link, simulation: Simulation) => void, weight = 1): number {
    const simulation = run();
    const network = new FluidNetwork(simulation, { intervalNs: 10 * ms, age: 'linux-6.x', start: 'at-once' });
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

  // Measured of packet endpoints, both directions losing: 11.36 Mbit/s arrive at 10 ms and 1 % over 100 Mbit/s.
  const lossyS = 100 / 11.36;

  it('keeps to what TCP would get', () => {
    expect(arrivalS((wire) => wire.setLossPerFrame(0.01)) / lossyS).toBeGreaterThan(0.96);
    expect(arrivalS((wire) => wire.setLossPerFrame(0.01)) / lossyS).toBeLessThan(1.04);
  });

  it('goes faster by its weight, which is that of several connections', () => {
    const oneS = arrivalS((wire) => wire.setLossPerFrame(0.01)) - 0.005;
    expect(arrivalS((wire) => wire.setLossPerFrame(0.01), 2)).toBeCloseTo(oneS / 2 + 0.005, 6);
  });

  it('is that of one connection with a weight below one', () => {
    const oneS = arrivalS((wire) => wire.setLossPerFrame(0.01));
    expect(arrivalS((wire) => wire.setLossPerFrame(0.01), 0.1)).toBeCloseTo(oneS, 6);
  });

  it('is slowed while a loss lasts', () => {
    // 0.5 s at 100 Mbit/s, 1 s at 11.36, and the last 38.64 Mbit at 100.
    const arrivedS = arrivalS((wire, simulation) => {
      simulation.schedule(500 * ms, () => wire.setLossPerFrame(0.01), undefined);
      simulation.schedule(1500 * ms, () => wire.setLossPerFrame(0), undefined);
    });
    // A change is seen within one interval of 10 ms.
    expect(Math.abs(arrivedS - 1.8914)).toBeLessThan(0.02);
  });

  it('is hardly slower than without loss where the link is the bound', () => {
    // sqrt(1.5 / 0.00001) = 387 segments in 10 ms are 448 Mbit/s: 100 Mbit at 100 × 0.99999.
    expect(arrivalS((wire) => wire.setLossPerFrame(0.00001))).toBeCloseTo(1.00001 + 0.005, 4);
  });
});

/** Offers packets of 1,462 bytes (1,500 on the wire) evenly at `rateBps` beside a stream of `bytes`. */
function besidePackets(intervalNs: number, rateBps: number, bytes: number): number {
  const simulation = run();
  const network = new FluidNetwork(simulation, { intervalNs, age: 'linux-6.x', start: 'at-once' });
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
      const usual = besidePackets(20 * ms, rateBps, 40_000_000);
      for (const intervalNs of [10 * ms, 40 * ms]) {
        const other = besidePackets(intervalNs, rateBps, 40_000_000);
        expect(Math.abs(other / usual - 1)).toBeLessThan(0.02);
      }
    }
  });
});
