import { describe, expect, it } from 'vitest';
import { fitMemoryAccess } from './memory-access-fit.ts';
import { traceRegion } from './dirty-page-trace.ts';

const windows = [0.1, 0.5, 1, 2, 5, 10];

describe('fitting dirty pages', () => {
  it('finds the law behind samples of it', () => {
    const samples = windows.map((windowS) => ({ windowS, pages: Math.round(8036 * windowS ** 0.41) }));
    const [best] = fitMemoryAccess(samples, 200_000);
    expect(best?.region.kind).toBe('growth');
    if (best?.region.kind !== 'growth') return;
    expect(best.region.exponent).toBeCloseTo(0.41, 2);
    expect(best.region.pagesInOneSecond / 8036).toBeCloseTo(1, 2);
  });

  it('finds the set and rate behind samples of uniform writing', () => {
    const samples = windows.map((windowS) => ({
      windowS,
      pages: Math.round(16_384 * (1 - Math.exp((-4000 * windowS) / 16_384))),
    }));
    const [best] = fitMemoryAccess(samples, 65_536);
    expect(best?.region.kind).toBe('uniform');
    if (best?.region.kind !== 'uniform') return;
    expect(Math.abs(best.region.pages / 16_384 - 1)).toBeLessThan(0.02);
    expect(Math.abs(best.region.writesPerS / 4000 - 1)).toBeLessThan(0.02);
  });

  it('knows how sure the law is: the textbook formulas of a line through three points', () => {
    // ln D = 1, 2, 2 at ln t = 0, 1, 2: slope 1/2, intercept 7/6, residuals -1/6, 1/3, -1/6, their squares 1/6 with
    // one degree of freedom; errors sqrt(1/6 / 2) and sqrt(1/6 (1/3 + 1/2)).
    const samples = [1, 2, 2].map((y, x) => ({ windowS: Math.E ** x, pages: Math.E ** y }));
    const growth = fitMemoryAccess(samples, 1000).find(({ region }) => region.kind === 'growth');
    expect(growth?.spread?.degrees).toBe(1);
    expect(growth?.spread?.exponent).toBeCloseTo(0.5, 10);
    expect(growth?.spread?.exponentError).toBeCloseTo(Math.sqrt(1 / 12), 10);
    expect(growth?.spread?.logPagesError).toBeCloseTo(Math.sqrt(5 / 36), 10);
  });

  it('has no spread to tell from two windows', () => {
    const samples = [1, 2].map((windowS) => ({ windowS, pages: 100 * windowS ** 0.3 }));
    expect(fitMemoryAccess(samples, 1000).map(({ spread }) => spread)).toEqual([null, null]);
  });

  it('names every sample that cannot be', () => {
    const samples = [
      { windowS: 1, pages: 100 },
      { windowS: 0.5, pages: 50 },
      { windowS: 2, pages: 900 },
    ];
    expect(() => fitMemoryAccess(samples, 500)).toThrow(
      /^sample 2 is out of order .*\n.*sample 3 has 900 pages .*$/,
    );
    expect(() => fitMemoryAccess([{ windowS: 1, pages: 1 }], 10)).toThrow('samples are too few');
  });
});

describe('a trace of dirty pages', () => {
  it('writes what makes the pages of each slot', () => {
    const region = traceRegion(
      [
        { fromS: 0, toS: 1, pages: 500 },
        { fromS: 1, toS: 3, pages: 0 },
      ],
      1000,
    );
    // N (1 - e^(-w/N)) = 500 of 1,000: w = 1,000 ln 2 = 693 in one second.
    expect(region.writesPerS).toBeCloseTo(693.15, 1);
    expect(region.schedule).toEqual({
      kind: 'phases',
      steps: [
        { durationNs: 1e9, factor: 1 },
        { durationNs: 2e9, factor: 0 },
      ],
      repeats: true,
    });
  });

  it('may have hundreds of thousands of slots', () => {
    const slots = Array.from({ length: 200_000 }, (_, i) => ({ fromS: i, toS: i + 1, pages: i % 7 }));
    expect(traceRegion(slots, 100).schedule).toMatchObject({ kind: 'phases' });
  });

  it('is refused when out of order, with gaps or empty', () => {
    const slots = [
      { fromS: 0, toS: 1, pages: 5 },
      { fromS: 2, toS: 3, pages: 5 },
      { fromS: 1, toS: 2, pages: 5 },
    ];
    expect(() => traceRegion(slots, 10)).toThrow(/slot 2 follows a gap .*\n.*slot 3 is out of order/);
    expect(() => traceRegion([], 10)).toThrow('trace is empty');
  });
});
