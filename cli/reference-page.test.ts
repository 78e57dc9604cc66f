import { readFileSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { referencePages } from './reference-page.ts';

const pages = await referencePages();

it.each([...pages.keys()])(
  'docs/%s says what the program knows today (else: npm run docs:reference)',
  (path) => {
    expect(readFileSync(`docs/${path}`, 'utf8')).toBe(pages.get(path));
  },
);

it('has no page that the program does not write', () => {
  expect(readdirSync('docs/reference').map((name) => `reference/${name}`)).toEqual(
    [...pages.keys()].filter((path) => path !== 'reference.md').sort(),
  );
});

it('marks every default of a scheme as published, read in source or assumed', () => {
  const schemes = pages.get('reference/schemes.md') ?? '';
  const comStop = schemes.split('## `com-stop`\n')[1]?.split('\n## ')[0] ?? '';
  const rows = comStop.split('\n').filter((line) => line.startsWith('| `'));
  // The table in the README counts 43 fields of com-stop, memory among them.
  expect(rows).toHaveLength(43);
  expect(rows.filter((row) => !/ \| (published|read in source|assumed) \| [^|]+ \|$/.test(row))).toEqual([]);
});
