import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { compareOverview } from '../results/figures/compare-overview.ts';
import { rasterize } from '../results/figures/rasterize.ts';
import { readmeComparison, readmeTimeline, readmeWith } from './readme-example.ts';

it('shows in the README what the quickstart gives today (else: npm run docs:readme)', () => {
  const comparison = readmeComparison();
  const readme = readFileSync('README.md', 'utf8');
  expect(readmeWith(readme, comparison)).toBe(readme);
  const picture = readFileSync('docs/images/quickstart.png');
  expect(Buffer.compare(picture, rasterize(compareOverview(comparison), 2))).toBe(0);
}, 60_000);

it('shows the move of the quickstart as it is today (else: npm run docs:readme)', async () => {
  const picture = readFileSync('docs/images/timeline.png');
  expect(Buffer.compare(picture, await readmeTimeline())).toBe(0);
}, 60_000);
