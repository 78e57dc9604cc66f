// `npm run docs:readme`: writes the table and the pictures of the README from a run. Not a command of nseh.
import { readFileSync, writeFileSync } from 'node:fs';
import { compareOverview } from '../results/figures/compare-overview.ts';
import { rasterize } from '../results/figures/rasterize.ts';
import { readmeComparison, readmeTimeline, readmeWith } from './readme-example.ts';

const comparison = readmeComparison();
writeFileSync('README.md', readmeWith(readFileSync('README.md', 'utf8'), comparison));
writeFileSync('docs/images/quickstart.png', rasterize(compareOverview(comparison), 2));
writeFileSync('docs/images/timeline.png', await readmeTimeline());
