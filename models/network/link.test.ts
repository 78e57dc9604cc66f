import { describe, expect, it } from 'vitest';
import { Chance } from '../../sim/random.ts';
import { Simulation } from '../../sim/simulation.ts';
import { s, us } from '../../sim/time.ts';
import type { DropCause } from '../observations.ts';
import { ipv4 } from './address.ts';
import { packetFrame, wireBytes, wireFrames, type Frame } from './frame.ts';
import { Link, type LinkSettings } from './link.ts';
import { makePacket } from './packet.ts';

const ends = { source: ipv4(1), destination: ipv4(2) };
const frameOf = (payloadBytes: number, sequence = 0, fragmentId = 0): Frame =>
  packetFrame(makePacket({ ...ends, payloadBytes, sequence, fragmentId, flow: 3 }), 1, 2);

interface Trial {
  readonly simulation: Simulation;
  readonly link: Link;
  readonly arrived: { timeNs: number; frame: Frame }[];
  readonly dropped: { frame: Frame; cause: DropCause }[];
}

function trial(settings: Partial<LinkSettings>, seed = 1): Trial {
  const simulation = new Simulation({ scenario: 'test', seed, repetition: 0, replayCommand: '' });
  const arrived: Trial['arrived'] = [];
  const dropped: Trial['dropped'] = [];
  const all = { rateBps: 1e9, delayNs: 10 * us, queueBytes: 1e6, lossPerFrame: 0, ...settings };
  const draws = new Chance(seed, 0).stream('wire', 'loss');
  const link = new Link(simulation, 'wire', all, draws, (frame, _, cause) => dropped.push({ frame, cause }));
  link.connect({ send: (frame) => arrived.push({ timeNs: simulation.nowNs, frame }) });
  return { simulation, link, arrived, dropped };
}

const payload = (frames: { frame: Frame }[]): number =>
  frames.reduce((sum, { frame }) => sum + frame.packet!.payloadBytes, 0);

describe('a frame on the wire', () => {
  it('has 38 bytes of Ethernet beside its IP packet, and at least 84 in all', () => {
    // 1,460 of payload + 40 of TCP/IP + 38; a bare ACK is padded to 46 bytes of Ethernet payload.
    expect(wireBytes(frameOf(1460))).toBe(1538);
    expect(wireBytes(frameOf(0))).toBe(84);
  });

  it('becomes many frames when it is a large segment', () => {
    // 64,240 = 44 × 1,460.
    expect(wireFrames(frameOf(64_240))).toBe(44);
    expect(wireBytes(frameOf(64_240))).toBe(44 * 1538);
  });
});

describe('a link', () => {
  it('delivers after serialization and delay, one frame behind the other', () => {
    const { simulation, link, arrived } = trial({});
    link.send(frameOf(1460));
    link.send(frameOf(1460));
    simulation.run(1 * s);
    // 1,538 bytes at 1 Gbit/s are 12,304 ns.
    expect(arrived.map(({ timeNs }) => timeNs)).toEqual([22_304, 34_608]);
  });

  it('drops at the tail what its queue has no room for', () => {
    const { simulation, link, arrived, dropped } = trial({ queueBytes: 4000 });
    for (let i = 0; i < 4; i++) link.send(frameOf(1460));
    simulation.run(1 * s);
    // Two of 1,538 bytes fit into 4,000.
    expect(arrived).toHaveLength(2);
    expect(dropped.map(({ cause }) => cause)).toEqual(['queue', 'queue']);
  });

  it('keeps the frames of a large segment that fit into its queue', () => {
    const { simulation, link, arrived, dropped } = trial({ queueBytes: 10 * 1538 });
    link.send(frameOf(20 * 1460));
    simulation.run(1 * s);
    expect(payload(arrived)).toBe(10 * 1460);
    expect(dropped[0]!.frame.packet).toMatchObject({ sequence: 10 * 1460, payloadBytes: 10 * 1460 });
  });

  it('loses frames of a large segment one by one, and accounts for every byte', () => {
    const { simulation, link, arrived, dropped } = trial({ lossPerFrame: 0.1, queueBytes: 1e8 });
    for (let i = 0; i < 200; i++) link.send(frameOf(44 * 1460, i * 44 * 1460));
    simulation.run(1 * s);
    const sent = 200 * 44 * 1460;
    expect(payload(arrived) + payload(dropped)).toBe(sent);
    // 8,800 draws at 0.1: standard deviation 0.0032; four of them.
    expect(Math.abs(payload(dropped) / sent - 0.1)).toBeLessThan(0.013);
    expect(arrived.length).toBeGreaterThan(200);
  });

  it('loses the same transmissions whatever else it carries', () => {
    const fates = (extra: boolean): number[] => {
      const { simulation, link, arrived } = trial({ lossPerFrame: 0.3 });
      for (let i = 0; i < 100; i++) {
        if (extra) link.send(frameOf(100, 1_000_000 + i));
        link.send(frameOf(1460, i * 1460));
      }
      simulation.run(1 * s);
      return arrived.map(({ frame }) => frame.packet!.sequence).filter((sequence) => sequence < 1_000_000);
    };
    expect(fates(true)).toEqual(fates(false));
  });

  it('draws anew for each transmission of the same bytes', () => {
    const { simulation, link, arrived } = trial({ lossPerFrame: 0.5 });
    for (let transmission = 0; transmission < 100; transmission++) link.send(frameOf(1460, 0, transmission));
    simulation.run(1 * s);
    // Half of 100, standard deviation 5; four of them.
    expect(Math.abs(arrived.length - 50)).toBeLessThan(20);
  });

  it('loses everything while it is cut', () => {
    const { simulation, link, arrived, dropped } = trial({});
    link.setUp(false);
    link.send(frameOf(100));
    link.setUp(true);
    link.send(frameOf(200));
    simulation.run(1 * s);
    expect(payload(arrived)).toBe(200);
    expect(payload(dropped)).toBe(100);
  });
});
