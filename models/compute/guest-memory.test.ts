import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { Chance } from '../../sim/random.ts';
import { Simulation } from '../../sim/simulation.ts';
import { seconds } from '../../sim/time.ts';
import { GuestClock } from './guest-clock.ts';
import type { GuestMemory, TakeLimit } from './guest-memory.ts';
import { createGuestMemory } from './guest-memory.ts';
import type { MemoryRegion, WrittenMemory } from './memory-access.ts';
import { cpuBound } from './memory-access.ts';

type Detail = WrittenMemory['detail'];
const details: Detail[] = ['exact', 'binomial', 'expected'];
const constant = { kind: 'constant' } as const;

function guest(
  detail: Detail,
  ...regions: MemoryRegion[]
): { memory: GuestMemory; simulation: Simulation; clock: GuestClock } {
  const simulation = new Simulation({ scenario: 'memory', seed: 1, repetition: 1, replayCommand: 'none' });
  const clock = new GuestClock(simulation);
  const draws = new Chance(1, 1).stream('guest', 'memory writes');
  const memory = createGuestMemory({ detail, regions, pacing: cpuBound }, clock, draws);
  memory.trackAll('linear');
  return { memory, simulation, clock };
}

const everything: TakeLimit = {
  pagesMax: Infinity,
  bytesMax: Infinity,
  dataPageBytes: 4104,
  zeroPageBytes: 9,
  skipDirtied: false,
  delta: null,
  compression: { kind: 'none' },
};

describe.each(details)('guest memory, %s', (detail) => {
  it('sends each page once while nothing is written, zero pages as markers, ballooned ones not at all', () => {
    const { memory } = guest(
      detail,
      { kind: 'unwritten', pages: 100, content: 'data' },
      { kind: 'unwritten', pages: 50, content: 'zero' },
      { kind: 'unwritten', pages: 25, content: 'ballooned' },
    );
    expect(memory.pages).toBe(150);
    expect(memory.take(everything)).toEqual({
      dataPages: 100,
      zeroPages: 50,
      firstPages: 100,
      skippedPages: 0,
      bytes: 100 * 4104 + 50 * 9,
    });
    expect(memory.pendingPages).toBe(0);
    expect(memory.sync()).toBe(0);
  });

  it('stops after the page with which the bytes are exceeded, and goes on from there', () => {
    const { memory } = guest(detail, { kind: 'unwritten', pages: 100, content: 'data' });
    // 10,000 bytes are 2.4 pages of 4,104: the third exceeds them.
    expect(memory.take({ ...everything, bytesMax: 10_000 }).dataPages).toBe(3);
    expect(memory.take({ ...everything, pagesMax: 7 }).dataPages).toBe(7);
    expect(memory.pendingPages).toBe(90);
  });

  it('has each page that a sweep wrote in the log, around the end of its region', () => {
    const { memory, simulation } = guest(
      detail,
      { kind: 'sweep', pages: 100, writesPerS: 60, startPage: 80, schedule: constant },
      { kind: 'unwritten', pages: 10, content: 'data' },
    );
    memory.take(everything);
    simulation.run(seconds(1));
    expect(memory.dirtiedPages()).toBe(60);
    expect(memory.sync()).toBe(60);
    // 60 more, of which all lie beyond the 60 that are pending: 20 new ones are left in 80.
    simulation.run(seconds(2));
    expect(memory.sync()).toBe(40);
  });

  it('skips pages that are in the log: they are not sent, and are pending after the next sync', () => {
    const { memory, simulation } = guest(
      detail,
      { kind: 'rewritten', pages: 30 },
      { kind: 'unwritten', pages: 70, content: 'data' },
    );
    simulation.run(seconds(1));
    const taken = memory.take({ ...everything, skipDirtied: true });
    expect(taken.dataPages).toBe(70);
    expect(taken.skippedPages).toBe(30);
    expect(memory.sync()).toBe(30);
  });

  it('writes in guest time only', () => {
    const { memory, simulation, clock } = guest(detail, { kind: 'rewritten', pages: 10 });
    memory.take(everything);
    clock.setRate(0, 'pause');
    simulation.run(seconds(1));
    expect(memory.sync()).toBe(0);
  });

  it('hits N (1 - e^(-w/N)) of N pages with w random writes, within 3 %', () => {
    const { memory, simulation } = guest(detail, {
      kind: 'uniform',
      pages: 16_384,
      writesPerS: 12_000,
      schedule: constant,
    });
    memory.take(everything);
    simulation.run(seconds(1));
    // 16,384 (1 - e^(-12,000 / 16,384)) = 8,508
    expect(Math.abs(memory.sync() / 8_508 - 1)).toBeLessThan(0.03);
  });

  it('grows the dirtied set as a t^b, within 6 % while it is small against the memory', () => {
    // Pages slower than the slowest of 100,000 do not exist: at 30 s, when a third is dirty, they would be 5 %.
    const law = { pages: 100_000, pagesInOneSecond: 8036, exponent: 0.41 };
    const growth = { kind: 'growth', ...law, schedule: constant } as const;
    for (const windowS of [0.3, 3, 30]) {
      const { memory, simulation } = guest(detail, growth);
      memory.take(everything);
      simulation.run(seconds(windowS));
      expect(Math.abs(memory.sync() / (8036 * windowS ** 0.41) - 1)).toBeLessThan(0.06);
    }
  });

  it('writes kernel pages by the law of a measured idle guest, 10 + 9 ln(1 + t/ms)', () => {
    for (const windowS of [0.1, 1, 12]) {
      const { memory, simulation } = guest(
        detail,
        { kind: 'kernel' },
        { kind: 'unwritten', pages: 100, content: 'data' },
      );
      memory.take(everything);
      simulation.run(seconds(windowS));
      expect(Math.abs(memory.sync() - (10 + 9 * Math.log(1 + windowS * 1000)))).toBeLessThan(8);
    }
  });

  it('neither loses nor invents pages, however they are taken', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ pages: fc.integer({ min: 1, max: 400 }), waitMs: fc.integer({ min: 0, max: 500 }) }),
        ),
        (steps) => {
          const { memory, simulation } = guest(
            detail,
            { kind: 'kernel' },
            { kind: 'uniform', pages: 300, writesPerS: 500, schedule: constant },
            { kind: 'sweep', pages: 200, writesPerS: 300, startPage: 7, schedule: constant },
          );
          let nowNs = 0;
          for (const { pages, waitMs } of steps) {
            const before = memory.pendingPages;
            const { dataPages, skippedPages } = memory.take({ ...everything, pagesMax: pages });
            expect(memory.pendingPages + dataPages + skippedPages).toBeCloseTo(before, 6);
            nowNs += waitMs * 1_000_000;
            simulation.run(nowNs);
            const pending = memory.pendingPages;
            expect(memory.sync() + pending).toBeCloseTo(memory.pendingPages, 6);
            expect(memory.pendingPages).toBeLessThanOrEqual(memory.pages + 1e-6);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('page-exact guest memory', () => {
  it('writes the same pages however often it is looked at', () => {
    const region: MemoryRegion = { kind: 'uniform', pages: 500, writesPerS: 300, schedule: constant };
    const often = guest('exact', region);
    const once = guest('exact', region);
    often.memory.take(everything);
    once.memory.take(everything);
    for (let step = 1; step <= 100; step++) {
      often.simulation.run(seconds(step / 100));
      often.memory.dirtiedPages();
    }
    once.simulation.run(seconds(1));
    expect(often.memory.sync()).toBe(once.memory.sync());
  });
});

describe('aggregated guest memory', () => {
  it('says that delta compression needs single pages', () => {
    const { memory } = guest('expected', { kind: 'unwritten', pages: 10, content: 'data' });
    expect(() => memory.take({ ...everything, delta: { enabled: true, encode: () => 100 } })).toThrow(
      'memory_access.detail delta compression remembers single pages',
    );
  });
});
