import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { slowPartsOf, validationPage } from './validation-page.ts';

it('says in docs/validation.md what the models give today (else: npm run docs:validation)', () => {
  const page = readFileSync('docs/validation.md', 'utf8');
  expect(validationPage(slowPartsOf(page))).toBe(page);
}, 60_000);
