import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { referencePage } from './reference-page.ts';

it('says in docs/reference.md what the program knows today (else: npm run docs:reference)', () => {
  expect(readFileSync('docs/reference.md', 'utf8')).toBe(referencePage());
});

it('marks every default of a scheme as published, read in source or assumed', () => {
  const comStop = referencePage().split('### `com-stop`\n')[1]?.split('\n### ')[0] ?? '';
  const rows = comStop.split('\n').filter((line) => line.startsWith('| `'));
  // The table in the README counts 39 fields of com-stop, memory among them.
  expect(rows).toHaveLength(39);
  expect(rows.filter((row) => !/ \| (published|read in source|assumed) \| [^|]+ \|$/.test(row))).toEqual([]);
});
