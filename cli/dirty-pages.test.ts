import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nseh } from './try-nseh.ts';
import type { Outcome } from './try-nseh.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nseh-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs `nseh COMMAND dirty-pages` on a file with this text. */
async function withTrace(command: string, text: string, ...options: string[]): Promise<Outcome> {
  const file = join(folder, 'dirty.csv');
  writeFileSync(file, text);
  return nseh(command, 'dirty-pages', file, ...options);
}

/** D(t) = 8036 t^0.41, the growth that Clark et al. (NSDI 2005, Fig. 9) show, at 0.1, 1 and 10 s. */
const growth = 'window_s,pages\n0.1,3126\n1,8036\n10,20656\n';
const trace = 't_ms,dirty_pages\n1000,500\n2000,0\n3000,250\n';

describe('nseh fit dirty-pages', () => {
  it('finds the law behind its windows, with the error beside it', async () => {
    const { exitCode, out } = await withTrace('fit', growth, '--json');
    expect(exitCode).toBe(0);
    const { fits } = JSON.parse(out) as { fits: { kind: string; exponent: number; error: number }[] };
    expect(fits.map(({ kind }) => kind)).toEqual(['growth', 'uniform']);
    expect(fits[0]?.exponent).toBeCloseTo(0.41, 3);
    expect(fits[0]?.error).toBeLessThan(0.001);
    expect((await withTrace('fit', growth)).out).toContain('8040 pages · t^0.410 (t in s)');
  });

  it('holds the law in its interval in about 95 of 100 noisy measurements', async () => {
    // Noise of 10 % on 12 windows, drawn by a fixed recurrence; both ends of the interval move with it.
    let state = 1;
    const uniform = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const noise = (): number => 0.1 * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    let held = 0;
    for (let trial = 0; trial < 100; trial++) {
      const rows = Array.from({ length: 12 }, (_, i) => 0.05 * 1.7 ** i).map(
        (windowS) => `${windowS},${5157 * windowS ** 0.356 * Math.exp(noise())}`,
      );
      const { out } = await withTrace('fit', `window_s,pages\n${rows.join('\n')}\n`, '--json');
      const { fits } = JSON.parse(out) as { fits: { kind: string; exponent_95?: [number, number] }[] };
      const [low, high] = fits.find(({ kind }) => kind === 'growth')?.exponent_95 ?? [0, 0];
      if (low <= 0.356 && 0.356 <= high) held++;
    }
    // Binomial: 95 of 100 give or take three standard deviations of 2.2.
    expect(held).toBeGreaterThanOrEqual(88);
    expect(held).toBeLessThan(100);
  });

  it('says when no model fits, and when windows grow faster than the law can', async () => {
    const { out, err } = await withTrace('fit', 'window_s,pages\n0.1,32\n1,1000\n4,8000\n10,31623\n');
    // D = 1000 t^1.5.
    expect(out).toContain('windows grow as t^1.50');
    expect(err).toContain('no model is within 20 % of the windows');
  });

  it('needs windows of different lengths', async () => {
    const { exitCode, err } = await withTrace('fit', trace);
    expect(exitCode).toBe(2);
    expect(err).toContain('has windows of one length');
  });
});

describe('nseh import dirty-pages', () => {
  it('writes the part of a scenario, and says over how many pages', async () => {
    const { exitCode, out, err } = await withTrace('import', trace, '--pages', '2000 pages');
    expect(exitCode).toBe(0);
    // 2000 ln(2000 / 1500) = 575.4 writes make 500 distinct pages of 2,000.
    expect(out).toContain('kind: uniform\n      pages: 2000 pages\n      writes: 576 pages/s');
    expect(err).toContain('slots 3, most_pages 500, set_pages 2000, left out 0');
    expect((await withTrace('import', growth)).out).toContain('exponent: 0.41');
  });

  it('takes twice the most that was written at once where nothing is said', async () => {
    expect((await withTrace('import', trace)).err).toContain('set_pages 1000');
  });

  it('names the line of a gap, with exit code 2', async () => {
    const { exitCode, err } = await withTrace('import', `${trace}9000,1\n`);
    expect(exitCode).toBe(2);
    expect(err).toContain('dirty.csv:5  follows a gap of 6000 ms');
  });

  it('refuses a trace that no scenario file holds', async () => {
    const rows = Array.from({ length: 40_000 }, (_, i) => `${i + 1},${1 + (i % 9)}`);
    const { exitCode, err } = await withTrace('import', `t_ms,dirty_pages\n${rows.join('\n')}\n`);
    expect(exitCode).toBe(2);
    expect(err).toContain('has 40000 slots, which no scenario file of 1 MiB holds');
  });

  it('refuses fewer pages than a slot wrote, and says when a slot wrote all of them', async () => {
    expect((await withTrace('import', trace, '--pages', '100 pages')).err).toContain(
      'has slots of 500 pages',
    );
    expect((await withTrace('import', trace, '--pages', '500 pages')).err).toContain(
      'slots that wrote the whole set: 1',
    );
  });
});
