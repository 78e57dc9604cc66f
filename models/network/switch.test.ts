import { beforeEach, describe, expect, it } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import { ms, s } from '../../sim/time.ts';
import { ipv4 } from './address.ts';
import { announcementFrame, packetFrame, type Frame, type Mac } from './frame.ts';
import { makePacket } from './packet.ts';
import { Switch, type SwitchPort } from './switch.ts';

const [first, second, third] = [11, 12, 13];
const frame = (from: Mac, to: Mac): Frame =>
  packetFrame(makePacket({ source: ipv4(from), destination: ipv4(to) }), from, to);

let simulation: Simulation;
let ports: SwitchPort[];
let out: number[];
let learning: Switch;

function build(learnDelayNs: number): void {
  simulation = new Simulation({ scenario: 'test', seed: 1, repetition: 0, replayCommand: '' });
  out = [];
  const observer = { learnt: (): void => undefined, forwarded: (): void => undefined };
  learning = new Switch(simulation, 'switch', learnDelayNs, observer);
  ports = [0, 1, 2].map((port) => learning.attach({ send: () => out.push(port) }, port < 2));
}

beforeEach(() => build(0));

describe('a learning switch', () => {
  it('floods what it does not know, but not back', () => {
    ports[0]!.send(frame(first, second));
    expect(out).toEqual([1, 2]);
  });

  it('passes announcements on only to ports where somebody hears them', () => {
    // Who is at port 2 does not hear.
    ports[0]!.send(announcementFrame('rarp', first, ipv4(first)));
    ports[2]!.send(announcementFrame('rarp', third, ipv4(third)));
    expect(out).toEqual([1, 0, 1]);
    expect(learning.portOf(third)).toBe(2);
  });

  it('sends to the port where the address was last seen', () => {
    ports[1]!.send(frame(second, first));
    out = [];
    ports[0]!.send(frame(first, second));
    expect(out).toEqual([1]);
    ports[2]!.send(announcementFrame('rarp', second, ipv4(second)));
    out = [];
    ports[0]!.send(frame(first, second));
    expect(out).toEqual([2]);
  });

  it('keeps a frame from going back to its own port', () => {
    ports[0]!.send(frame(first, third));
    ports[0]!.send(frame(second, third));
    out = [];
    ports[0]!.send(frame(second, first));
    expect(out).toEqual([]);
  });

  it('forgets an address that was silent for 300 s', () => {
    ports[1]!.send(frame(second, first));
    simulation.run(300 * s);
    expect(learning.portOf(second)).toBe(1);
    simulation.run(301 * s);
    expect(learning.portOf(second)).toBe(-1);
  });

  it('goes on using the old port until a learning delay is over', () => {
    build(5 * ms);
    ports[1]!.send(frame(second, first));
    simulation.run(10 * ms);
    ports[2]!.send(announcementFrame('rarp', second, ipv4(second)));
    simulation.run(14 * ms);
    expect(learning.portOf(second)).toBe(1);
    simulation.run(15 * ms);
    expect(learning.portOf(second)).toBe(2);
  });
});
