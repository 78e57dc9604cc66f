import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { Chance } from '../../sim/random.ts';
import { Simulation } from '../../sim/simulation.ts';
import { s, us } from '../../sim/time.ts';
import { ipv4 } from './address.ts';
import { frameUnderWay, oneFrameBytesMax, packetFrame, type Frame } from './frame.ts';
import { Link, type LinkSettings } from './link.ts';
import { makePacket } from './packet.ts';

interface Arrival {
  readonly timeNs: number;
  readonly flow: number;
  readonly sequence: number;
  readonly payloadBytes: number;
}

interface Path {
  readonly simulation: Simulation;
  readonly links: readonly Link[];
  readonly arrived: Arrival[];
  readonly lost: Arrival[];
}

/** Links one behind the other, with switches between them, to a machine. */
function path(...settings: Partial<LinkSettings>[]): Path {
  const simulation = new Simulation({ scenario: 'test', seed: 1, repetition: 0, replayCommand: '' });
  const arrived: Arrival[] = [];
  const lost: Arrival[] = [];
  const note = (list: Arrival[], { packet }: Frame): void => {
    const { flow, sequence, payloadBytes } = packet!;
    list.push({ timeNs: simulation.nowNs, flow, sequence, payloadBytes });
  };
  const links = settings.map((own, index) => {
    const all = { rateBps: 1e9, delayNs: 0, queueBytes: 1e7, lossPerFrame: 0, ...own };
    const draws = new Chance(1, 0).stream(`wire ${index}`, 'loss');
    return new Link(simulation, `wire ${index}`, all, draws, (frame) => note(lost, frame));
  });
  links.forEach((link, index) => {
    const next = links[index + 1];
    if (next === undefined) link.connect({ send: (frame) => note(arrived, frame) });
    else link.connectSwitch(next);
  });
  return { simulation, links, arrived, lost };
}

/** A packet of so many bytes of payload; 1,460 fill an Ethernet frame, which is 1,538 bytes on the wire. */
function packet(payloadBytes: number, sequence = 0, flow = 1): Frame {
  const ends = { source: ipv4(flow), destination: ipv4(99), sourcePort: 1000 + flow, destinationPort: 80 };
  return packetFrame(makePacket({ ...ends, flow, sequence, payloadBytes }), 1, 2);
}

const times = ({ arrived }: Path): number[] => arrived.map(({ timeNs }) => timeNs);

/** 1,538 bytes at 1 Gbit/s. */
const frameNs = 12_304;

describe('a packet of many Ethernet frames', () => {
  it('takes one frame more than its own time over two links of one rate', () => {
    const two = path({ delayNs: 10 * us }, { delayNs: 10 * us });
    two.links[0]!.send(packet(40 * 1460));
    two.simulation.run(1 * s);
    // 40 frames on the first link, of which the second has still to send the last.
    expect(times(two)).toEqual([41 * frameNs + 20 * us]);
  });

  it('takes two more over three', () => {
    const three = path({}, {}, {});
    three.links[0]!.send(packet(40 * 1460));
    three.simulation.run(1 * s);
    expect(times(three)).toEqual([42 * frameNs]);
  });

  it('takes its own time on the slow link and one frame on the fast one, whichever comes first', () => {
    // 1,538 bytes take 123,040 ns at 100 Mbit/s.
    for (const rates of [
      [1e8, 1e9],
      [1e9, 1e8],
    ]) {
      const two = path(...rates.map((rateBps) => ({ rateBps })));
      two.links[0]!.send(packet(40 * 1460));
      two.simulation.run(1 * s);
      expect(times(two)).toEqual([40 * 123_040 + frameNs]);
    }
  });

  it('ends with the time of its last frame where that is short', () => {
    const two = path({}, {});
    two.links[0]!.send(packet(2 * 1460 + 100));
    two.simulation.run(1 * s);
    // Three frames of 1,538, 1,538 and 178 bytes; the second link sends the last two when the first has sent the second.
    expect(times(two)).toEqual([3 * frameNs + 178 * 8]);
  });

  it('waits for what is before it in the queue between two links, and then loses no time', () => {
    const two = path({}, {});
    two.links[1]!.send(packet(100 * 1460, 0, 2));
    two.links[0]!.send(packet(40 * 1460));
    two.simulation.run(1 * s);
    // The other's 100 frames keep the second link busy until after the last of the 40 has come.
    expect(times(two)).toEqual([100 * frameNs, 140 * frameNs]);
  });

  it('is waited for by the packet behind it, on fast links and on slow ones', () => {
    for (const rates of [
      [1e9, 1e9],
      [1e9, 15e8],
      [1e9, 1e10],
      [1e10, 1e9],
    ]) {
      const two = path(...rates.map((rateBps) => ({ rateBps })));
      two.links[0]!.send(packet(40 * 1460));
      two.links[0]!.send(packet(0, 40 * 1460));
      two.simulation.run(1 * s);
      expect(two.arrived.map(({ sequence }) => sequence)).toEqual([0, 40 * 1460]);
      // The acknowledgement of 84 bytes follows the last frame at once.
      const behindNs = Math.ceil((84 * 8 * s) / rates[1]!);
      expect(two.arrived[1]!.timeNs - two.arrived[0]!.timeNs).toBe(behindNs);
    }
  });

  it('is passed on a fast link by what would wait for its frames, not on a slow one', () => {
    const order = (lastBps: number): number[] => {
      const two = path({}, { rateBps: lastBps });
      two.links[0]!.send(packet(40 * 1460));
      two.simulation.run(20 * frameNs);
      two.links[1]!.send(packet(1460, 0, 2));
      two.simulation.run(1 * s);
      return two.arrived.map(({ flow }) => flow);
    };
    // At 10 Gbit/s the 20 frames that came have left; at 1 Gbit/s the packet has the wire until its end.
    expect(order(1e10)).toEqual([2, 1]);
    expect(order(1e9)).toEqual([1, 2]);
  });

  it('takes no more of a fast link than its own time, so that ten senders fill it together', () => {
    const fast = path({ rateBps: 1e10 });
    // What comes over ten links of 1 Gbit/s: the first frame at once, the last 39 frames later.
    for (let flow = 1; flow <= 10; flow++) {
      fast.links[0]!.send(frameUnderWay(packet(40 * 1460, 0, flow), 39 * frameNs));
    }
    fast.simulation.run(1 * s);
    // The last frames leave with the last ones that come, or when 400 frames of 1,230.4 ns have
    // been sent, rounded up.
    expect(Math.max(...times(fast))).toBe(492_160 + 1);
    expect(Math.min(...times(fast))).toBe(39 * frameNs + 1231);
  });

  it('arrives as two packets where a frame between was lost, each with its last frame', () => {
    const two = path({ lossPerFrame: 0.05 }, {});
    two.links[0]!.send(packet(40 * 1460));
    two.simulation.run(1 * s);
    // The seed of this test loses frames; what is left arrives with its own last frame, one frame later than at the switch.
    expect(two.lost.length).toBeGreaterThan(0);
    for (const { timeNs, sequence, payloadBytes } of two.arrived) {
      expect(timeNs).toBe(((sequence + payloadBytes) / 1460 + 1) * frameNs);
    }
    const bytes = [...two.arrived, ...two.lost].reduce((sum, { payloadBytes }) => sum + payloadBytes, 0);
    expect(bytes).toBe(40 * 1460);
  });

  it('finds the room in a queue that has become free while its frames came', () => {
    const two = path({}, { rateBps: 1e8, queueBytes: 10 * 1538 });
    two.links[0]!.send(packet(40 * 1460));
    two.simulation.run(1 * s);
    // In the time of 39 frames the slow link sends 3.9: 10 and 3 fit.
    expect(two.arrived).toEqual([
      { timeNs: frameNs + 13 * 123_040, flow: 1, sequence: 0, payloadBytes: 13 * 1460 },
    ]);
    expect(two.lost).toMatchObject([{ sequence: 13 * 1460, payloadBytes: 27 * 1460 }]);
  });

  it('waits whole for its turn in a fair queue, and its frames come meanwhile', () => {
    const two = path({}, {});
    two.links[1]!.queueFairly();
    two.links[1]!.send(packet(100 * 1460, 0, 2));
    two.links[1]!.send(packet(1460, 100 * 1460, 2));
    two.links[0]!.send(packet(40 * 1460));
    two.simulation.run(1 * s);
    expect(two.arrived.map(({ flow }) => flow).sort()).toEqual([1, 2, 2]);
    // Nothing is lost between turns.
    expect(Math.max(...times(two))).toBe(141 * frameNs);
  });

  it('is late by one draw of jitter a link, whole', () => {
    const two = path({}, {});
    two.links[0]!.vary(100 * us, false);
    two.links[0]!.send(packet(40 * 1460));
    two.links[0]!.send(packet(1460, 40 * 1460));
    two.simulation.run(1 * s);
    expect(two.arrived.map(({ sequence }) => sequence)).toEqual([0, 40 * 1460]);
    const lateNs = times(two)[0]! - 41 * frameNs;
    expect(lateNs).toBeGreaterThan(0);
    expect(lateNs).toBeLessThan(100 * us);
  });

  it('is served by the rate that fluid leaves', () => {
    const two = path({}, {});
    two.links[1]!.servePacketsAt(5e8);
    two.links[0]!.send(packet(40 * 1460));
    two.simulation.run(1 * s);
    expect(times(two)).toEqual([frameNs + 80 * frameNs]);
  });
});

describe('against every Ethernet frame on its own', () => {
  const rates = fc.array(fc.integer({ min: 1e6, max: 1e10 }), { minLength: 2, maxLength: 4 });
  const sizes = fc.array(fc.integer({ min: 0, max: 44 * 1460 }), { minLength: 1, maxLength: 8 });

  test.prop([rates, sizes])('packets of one sender arrive with their last frames', (rateList, sizeList) => {
    const chain = path(...rateList.map((rateBps) => ({ rateBps })));
    for (const [index, bytes] of sizeList.entries()) chain.links[0]!.send(packet(bytes, index));
    chain.simulation.run(3600 * s);
    expect(chain.arrived.map(({ sequence }) => sequence)).toEqual(sizeList.map((_, index) => index));
    const expected = frameByFrame(rateList, sizeList);
    // Frames are taken to come evenly; the last one, which may be short, does not. It
    // may have to wait there for the end of the one before: a frame's time on each link that is not the slowest.
    const frameNsOf = rateList.map((rateBps) => (1538 * 8 * s) / rateBps);
    const earlyNsMax = frameNsOf.reduce((sum, ns) => sum + ns) - Math.max(...frameNsOf);
    // Times are rounded to a nanosecond twice at each link, for the last frame of a packet and the one before it.
    const roundingNs = 2 * rateList.length * sizeList.length + 1;
    times(chain).forEach((timeNs, index) => {
      expect(timeNs - expected[index]!).toBeLessThan(roundingNs);
      expect(timeNs - expected[index]!).toBeGreaterThan(-earlyNsMax - roundingNs);
    });
  });

  test.prop([
    fc.integer({ min: 1e7, max: 1e10 }),
    fc.integer({ min: 1e7, max: 1e10 }),
    fc.integer({ min: 2, max: 44 }),
    // A queue of one frame leaves the wire idle until the next one comes.
    fc.integer({ min: 2, max: 50 }),
  ])('as many frames find room in a queue', (firstBps, secondBps, frames, queueFrames) => {
    const two = path(
      { rateBps: firstBps },
      { rateBps: secondBps, queueBytes: queueFrames * oneFrameBytesMax },
    );
    two.links[0]!.send(packet(frames * 1460));
    two.simulation.run(3600 * s);
    const found = two.arrived.reduce((sum, { payloadBytes }) => sum + payloadBytes, 0) / 1460;
    let waiting = 0;
    let expected = 0;
    for (let index = 0; index < frames; index++) {
      if (index > 0) waiting = Math.max(0, waiting - secondBps / firstBps);
      if (waiting + 1 > queueFrames + 1e-9) continue;
      waiting++;
      expected++;
    }
    expect(Math.abs(found - expected)).toBeLessThanOrEqual(1);
  });
});

/** When the last frame of each packet has left the last link, each link sending frame after frame. */
function frameByFrame(rateList: readonly number[], sizeList: readonly number[]): number[] {
  const freeNs = rateList.map(() => 0);
  return sizeList.map((bytes) => {
    let leftNs = 0;
    for (let rest = bytes; rest > 0 || rest === bytes; rest -= 1460) {
      const wire = Math.max(84, Math.min(rest, 1460) + 78);
      leftNs = 0;
      rateList.forEach((rateBps, index) => {
        leftNs = Math.max(leftNs, freeNs[index]!) + (wire * 8 * s) / rateBps;
        freeNs[index] = leftNs;
      });
      if (rest <= 0) break;
    }
    return leftNs;
  });
}
