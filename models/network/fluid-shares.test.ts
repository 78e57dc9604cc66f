import { describe, expect } from 'vitest';
import { fc, test } from '@fast-check/vitest';
import { Chance } from '../../sim/random.ts';
import { Simulation } from '../../sim/simulation.ts';
import { ms, us } from '../../sim/time.ts';
import { ipv4 } from './address.ts';
import { fairShare } from './fair-share.ts';
import { FluidNetwork } from './fluid-network.ts';
import type { FluidStream } from './fluid-stream.ts';
import { packetFrame } from './frame.ts';
import { Link } from './link.ts';
import { makePacket, Protocol } from './packet.ts';

const linkCount = 6;

/** What happens to a network of six links: transfers of any weight and cap, cuts, and bursts of packets. */
const happenings = fc.array(
  fc.oneof(
    fc.record({
      what: fc.constant('transfer' as const),
      path: fc.uniqueArray(fc.integer({ min: 0, max: linkCount - 1 }), { minLength: 1, maxLength: 4 }),
      weight: fc.constantFrom(0.5, 1, 2, 3),
      kilobytes: fc.integer({ min: 1, max: 400 }),
      capBps: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1_000_000, max: 60_000_000 })),
    }),
    fc.record({ what: fc.constant('cut' as const), link: fc.integer({ min: 0, max: linkCount - 1 }) }),
    fc.record({ what: fc.constant('heal' as const), link: fc.integer({ min: 0, max: linkCount - 1 }) }),
    fc.record({
      what: fc.constant('packets' as const),
      link: fc.integer({ min: 0, max: linkCount - 1 }),
      packets: fc.integer({ min: 1, max: 60 }),
    }),
  ),
  { minLength: 3, maxLength: 40 },
);
const rates = fc.array(fc.integer({ min: 10_000_000, max: 100_000_000 }), {
  minLength: linkCount,
  maxLength: linkCount,
});

type Happening = typeof happenings extends fc.Arbitrary<readonly (infer One)[]> ? One : never;

class World {
  readonly simulation = new Simulation({ scenario: 'test', seed: 1, repetition: 0, replayCommand: '' });
  readonly network = new FluidNetwork(this.simulation, {
    intervalNs: 10 * ms,
    age: 'linux-6.x',
    start: 'at-once',
  });
  readonly links: readonly Link[];
  readonly sending = new Set<FluidStream>();

  constructor(linkRates: readonly number[]) {
    this.links = linkRates.map((rateBps) => {
      const settings = { rateBps, delayNs: 0, queueBytes: 1e7, lossPerFrame: 0 };
      const draws = new Chance(1, 0).stream('wire', 'loss');
      const link = new Link(this.simulation, 'wire', settings, draws, () => undefined);
      link.connect({ send: () => undefined });
      return link;
    });
  }

  happen(happening: Happening): void {
    if (happening.what === 'transfer') this.transfer(happening);
    else if (happening.what === 'packets') this.offer(happening.link, happening.packets);
    else this.links[happening.link]!.setUp(happening.what === 'heal');
  }

  /** The rates of all streams under way, and those of the plain algorithm over the whole network. */
  compare(): readonly { readonly ours: number; readonly plain: number }[] {
    const streams = [...this.sending];
    const flows = streams.map(({ path, weight, capBps }) => ({
      links: path.map(({ link }) => this.links.findIndex((other) => other === link)),
      weight,
      capBps,
    }));
    const packets = this.links.flatMap((link, place) =>
      link.packetDemandBps > 0 ? [{ links: [place], weight: 1, capBps: link.packetDemandBps }] : [],
    );
    const capacities = this.links.map((link) => (link.isUp ? link.rateBps : 0));
    const plain = fairShare(capacities, [...flows, ...packets]);
    return streams.map((stream, i) => ({ ours: stream.rateBps, plain: plain[i]! }));
  }

  private transfer(happening: Extract<Happening, { what: 'transfer' }>): void {
    const path = happening.path.map((place) => this.links[place]!);
    const stream = this.network.stream(path, happening.weight);
    this.sending.add(stream);
    stream.send(happening.kilobytes * 1000, happening.capBps).listen(() => this.sending.delete(stream));
  }

  private offer(link: number, packets: number): void {
    for (let i = 0; i < packets; i++) {
      const packet = makePacket({
        source: ipv4(1),
        destination: ipv4(2),
        protocol: Protocol.udp,
        payloadBytes: 1434,
      });
      this.links[link]!.send(packetFrame(packet, 1, 2));
    }
  }
}

describe('rates that are solved only where a change reaches', () => {
  test.prop([rates, happenings], { numRuns: 300 })(
    'are those of the plain algorithm over the whole network, whatever happened before',
    (linkRates, story) => {
      const world = new World(linkRates);
      // Something under way for the whole story keeps the network looking at its links every 10 ms.
      world.happen({ what: 'transfer', path: [0], weight: 0.5, kilobytes: 1e6, capBps: Infinity });
      story.forEach((happening, i) => {
        world.simulation.run((i + 1) * 10 * ms - 5 * ms);
        world.happen(happening);
        // The next look has read what was cut and what packets wanted; until then nothing else starts.
        world.simulation.run((i + 1) * 10 * ms + us);
        for (const { ours, plain } of world.compare()) {
          expect(Math.abs(ours - plain)).toBeLessThanOrEqual(1e-6 * plain + 1e-3);
        }
      });
    },
  );

  test.prop([fc.integer({ min: 1, max: 30 })])(
    'of streams between other hosts stay as they are, to the last bit, while the core has room',
    (hosts) => {
      const world = new World([10_000_000, 10_000_000, 10_000_000, 10_000_000, 100_000_000, 10_000_000]);
      world.happen({ what: 'transfer', path: [0, 4, 1], weight: 3, kilobytes: 1000, capBps: Infinity });
      const [first] = world.sending;
      for (let i = 0; i < hosts; i++) {
        world.happen({ what: 'transfer', path: [2, 4, 3], weight: 1, kilobytes: 10, capBps: Infinity });
        expect(first!.rateBps).toBe(10_000_000);
      }
    },
  );
});
