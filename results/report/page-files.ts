import { readFileSync } from 'node:fs';
import { bundlePage } from './bundle-page.ts';
import type { PageFiles } from './bundle-page.ts';

/** The page's script and style sheet: made by the build, beside this file; from the sources they are bundled anew. */
export function pageFiles(): PageFiles {
  if (import.meta.url.endsWith('.ts')) return bundlePage();
  const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
  return { script: read('page.js'), style: read('page.css') };
}
