import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a report needs beside its data: one script, one style sheet. */
export interface PageFiles {
  readonly script: string;
  readonly style: string;
}

type Esbuild = typeof import('esbuild');

/** Bundles the page's sources. The bundler is there while the program is made, and not where it is installed. */
export function bundlePage(): PageFiles {
  const { buildSync } = createRequire(import.meta.url)('esbuild') as Esbuild;
  const folder = join(dirname(fileURLToPath(import.meta.url)), 'page');
  const bundle = (entry: string): string => {
    const { outputFiles } = buildSync({
      entryPoints: [join(folder, entry)],
      ...{ bundle: true, minify: true, write: false, charset: 'utf8', legalComments: 'none' },
      ...{ format: 'iife', target: 'es2022', tsconfigRaw: '{}' },
    });
    return outputFiles[0]?.text ?? '';
  };
  return { script: bundle('page.ts'), style: bundle('page.css') };
}
