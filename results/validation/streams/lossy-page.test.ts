import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lossyThroughputBps } from '../../../models/network/lossy-throughput.ts';
import { ms } from '../../../sim/time.ts';
import { measureCell } from './lossy-cells.ts';
import { errorOf, heldCells, lossyAges, pageWithStreamTables } from './lossy-page.ts';

describe('the law of streams over lossy paths', () => {
  it.each(lossyAges)('is within 25 %% of packet endpoints on paths of which it was not made: %s', (age) => {
    const cells = heldCells(age);
    expect(cells.length).toBeGreaterThan(200);
    const errors = cells.map(errorOf).sort((one, other) => one - other);
    expect(errors[errors.length >> 1]!).toBeLessThan(0.05);
    expect(errors[Math.floor(0.95 * errors.length)]!).toBeLessThan(0.2);
    // The measured rate of a cell is itself uncertain: in a few it alone is by as much.
    const wide = cells.filter((cell) => errorOf(cell) > 0.25);
    expect(wide.length / cells.length).toBeLessThan(0.02);
  });

  // Paths that no table has, some hundred losses each: the rate of so few is uncertain by 3 to 8 %.
  it.each([
    ['linux-6.x', 2.2e8, 0.4, 0.015],
    ['linux-6.x', 1e9, 0.85, 0.06],
    ['linux-6.x', 2e9, 12, 0.03],
    ['linux-6.x', 2.5e10, 3.7, 0.04],
    ['linux-2.6', 1e9, 25, 0.015],
    ['linux-2.6', 4e8, 1.8, 0.025],
  ] as const)(
    'is as fast as packets are today: %s, %d bit/s, %d ms, %d',
    (age, lineRateBps, roundTripMs, loss) => {
      const path = { lineRateBps, roundTripNs: roundTripMs * ms, loss };
      const { rateBps } = measureCell(age, path, 5001);
      expect(lossyThroughputBps(age, path) / rateBps).toBeGreaterThan(0.8);
      expect(lossyThroughputBps(age, path) / rateBps).toBeLessThan(1.25);
    },
  );
});

it('says in docs/models.md how fast streams are today (else: npx tsx cli/write-lossy-page.ts)', async () => {
  const page = readFileSync('docs/models.md', 'utf8');
  expect(await pageWithStreamTables(page)).toBe(page);
});
