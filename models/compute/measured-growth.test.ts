import { describe, expect, it } from 'vitest';
import { fitEvenlyWritten } from './measured-growth.ts';
import type { DirtySample } from './memory-access.ts';

/** D(t) of the fitted pages. */
function dirtied(windows: readonly DirtySample[], seconds: number): number {
  return fitEvenlyWritten(windows).reduce(
    (sum, { pages, perPageS }) => sum - pages * Math.expm1(-perPageS * seconds),
    0,
  );
}

describe('pages that fit measured windows', () => {
  it('meet a law that independent pages can follow, between the windows too', () => {
    // 1000 t^0.4: what Clark et al.'s loads look like.
    const windows = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5].map((windowS) => {
      return { windowS, pages: 1000 * windowS ** 0.4 };
    });
    for (const seconds of [0.03, 0.3, 3]) {
      expect(dirtied(windows, seconds) / (1000 * seconds ** 0.4)).toBeCloseTo(1, 1.3);
    }
  });

  it('find one class of pages again', () => {
    // 500 pages, twice a second each: 500 (1 - e^-2t).
    const windows = [0.1, 0.3, 1, 3, 10].map((windowS) => {
      return { windowS, pages: 500 * -Math.expm1(-2 * windowS) };
    });
    expect(dirtied(windows, 0.5) / (500 * -Math.expm1(-1))).toBeCloseTo(1, 2);
    expect(dirtied(windows, 100)).toBeCloseTo(500, -1);
  });

  it('stay at the largest set that was seen when it no longer grows', () => {
    const windows = [
      { windowS: 1, pages: 900 },
      { windowS: 10, pages: 1000 },
      { windowS: 20, pages: 1000 },
    ];
    expect(dirtied(windows, 1000) / 1000).toBeCloseTo(1, 1.7);
  });
});
