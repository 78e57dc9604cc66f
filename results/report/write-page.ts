import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundlePage } from './bundle-page.ts';

// Part of the build: puts the page's script and style sheet into dist/, where the program finds them.
const folder = join(import.meta.dirname, '../../dist/results/report');
mkdirSync(folder, { recursive: true });
const { script, style } = bundlePage();
writeFileSync(join(folder, 'page.js'), script);
writeFileSync(join(folder, 'page.css'), style);
