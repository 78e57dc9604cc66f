import { describe, expect, it } from 'vitest';
import { Chance } from '../../sim/random.ts';
import { Simulation } from '../../sim/simulation.ts';
import { ms, s, us } from '../../sim/time.ts';
import { ipv4 } from './address.ts';
import { packetFrame, type Frame } from './frame.ts';
import { Link } from './link.ts';
import { makePacket } from './packet.ts';

interface Trial {
  readonly simulation: Simulation;
  readonly link: Link;
  readonly arrived: { readonly timeNs: number; readonly flow: number; readonly id: number }[];
  readonly dropped: { readonly flow: number; readonly id: number }[];
}

function trial(queueBytes: number): Trial {
  const simulation = new Simulation({ scenario: 'test', seed: 1, repetition: 0, replayCommand: '' });
  const arrived: Trial['arrived'] = [];
  const dropped: Trial['dropped'] = [];
  const settings = { rateBps: 1e9, delayNs: 10 * us, queueBytes, lossPerFrame: 0 };
  const draws = new Chance(1, 0).stream('wire', 'loss');
  const link = new Link(simulation, 'wire', settings, draws, ({ packet }) =>
    dropped.push({ flow: packet!.flow, id: packet!.fragmentId }),
  );
  link.connect({
    send: ({ packet }) =>
      arrived.push({ timeNs: simulation.nowNs, flow: packet!.flow, id: packet!.fragmentId }),
  });
  return { simulation, link, arrived, dropped };
}

/** A frame of 1,538 bytes on the wire, 12,304 ns at 1 Gbit/s, or of so many times as much. */
function frame(flow: number, id: number, frames = 1): Frame {
  const ends = { source: ipv4(1), destination: ipv4(2), sourcePort: 1000 + flow, destinationPort: 80 };
  return packetFrame(makePacket({ ...ends, flow, fragmentId: id, payloadBytes: frames * 1460 }), 1, 2);
}

describe('a link with a fair queue', () => {
  it('serves flows in turn, however much one of them has waiting', () => {
    const { simulation, link, arrived } = trial(1e6);
    link.queueFairly();
    for (let id = 0; id < 4; id++) link.send(frame(1, id));
    for (let id = 0; id < 2; id++) link.send(frame(2, id));
    simulation.run(1 * s);
    // The first frame finds an idle wire; of the five that wait, each flow gives one a turn.
    expect(arrived.map(({ flow }) => flow)).toEqual([1, 1, 2, 1, 2, 1]);
    // Six frames of 12,304 ns and the delay: nothing is lost between turns.
    expect(arrived.at(-1)!.timeNs).toBe(6 * 12_304 + 10_000);
  });

  it('gives flows of large and of small packets equal bytes', () => {
    const { simulation, link, arrived } = trial(1e8);
    link.queueFairly();
    for (let id = 0; id < 100; id++) link.send(frame(1, id, 40));
    for (let id = 0; id < 4000; id++) link.send(frame(2, id));
    simulation.run(24 * ms);
    const bytes = (flow: number, each: number): number =>
      arrived.filter((arrival) => arrival.flow === flow).length * each;
    // About 1,950 frames in 24 ms, half for each, to within two large packets: one found an idle wire, and the
    // other overdraws its deficit.
    expect(Math.abs(bytes(1, 40 * 1538) - bytes(2, 1538))).toBeLessThanOrEqual(2 * 40 * 1538);
  });

  it('takes the frame that goes from the flow with the most bytes', () => {
    // Room for four frames beside the one in service.
    const { simulation, link, arrived, dropped } = trial(4 * 1538);
    link.queueFairly();
    for (let id = 0; id < 5; id++) link.send(frame(1, id));
    link.send(frame(2, 0));
    simulation.run(1 * s);
    expect(dropped).toEqual([{ flow: 1, id: 4 }]);
    expect(arrived.filter(({ flow }) => flow === 2)).toHaveLength(1);
  });

  it('serves what waits at the new rate when fluid leaves less', () => {
    const { simulation, link, arrived } = trial(1e6);
    link.queueFairly();
    link.send(frame(1, 0));
    link.send(frame(2, 0));
    link.servePacketsAt(5e8);
    simulation.run(1 * s);
    // The frame in service keeps the arrival that it had; the wire is free at half the rate, 24,608 ns.
    expect(arrived.map(({ timeNs }) => timeNs)).toEqual([12_304 + 10_000, 4 * 12_304 + 10_000]);
  });
});

describe('a drop-tail queue', () => {
  it('keeps its order when fluid leaves more: what came later does not overtake what was to be served slowly', () => {
    const { simulation, link, arrived } = trial(1e6);
    link.servePacketsAt(1e8);
    link.send(frame(1, 0));
    link.send(frame(1, 1));
    link.servePacketsAt(1e9);
    link.send(frame(1, 2));
    simulation.run(1 * s);
    // At 100 Mbit/s the second arrives after 2 × 123,040 ns; the third would be through after 3 × 12,304 ns.
    expect(arrived.map(({ id }) => id)).toEqual([0, 1, 2]);
    expect(arrived.map(({ timeNs }) => timeNs)).toEqual([133_040, 256_080, 256_080]);
  });
});

describe('jitter', () => {
  const jitterNs = 200 * us;

  function delays(reorders: boolean): { readonly lateNs: number; readonly id: number }[] {
    const { simulation, link, arrived } = trial(1e8);
    link.vary(jitterNs, reorders);
    const count = 2000;
    for (let id = 0; id < count; id++) link.send(frame(1, id));
    simulation.run(1 * s);
    expect(arrived).toHaveLength(count);
    return arrived.map(({ timeNs, id }) => ({ lateNs: timeNs - (id + 1) * 12_304 - 10_000, id }));
  }

  it('delays each packet by a uniform draw, and lets it overtake where that is said', () => {
    const late = delays(true);
    const mean = late.reduce((sum, { lateNs }) => sum + lateNs, 0) / late.length;
    // Mean of 2,000 draws from 0 to 200 us: 100 us, standard error 200 / sqrt(12 · 2000) = 1.3 us.
    expect(Math.abs(mean - 100 * us)).toBeLessThan(4 * 1.3 * us);
    expect(Math.max(...late.map(({ lateNs }) => lateNs))).toBeLessThan(jitterNs);
    expect(late.some(({ id }, place) => id !== place)).toBe(true);
  });

  it('keeps the order otherwise', () => {
    const late = delays(false);
    expect(late.map(({ id }) => id)).toEqual(late.map((_, place) => place));
    expect(Math.min(...late.map(({ lateNs }) => lateNs))).toBeGreaterThanOrEqual(0);
  });

  it('is the same in every run', () => {
    expect(delays(true)).toEqual(delays(true));
  });
});
