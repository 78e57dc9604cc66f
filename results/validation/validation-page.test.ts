import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { validationPage } from './validation-page.ts';

it('says in docs/validation.md what the models give today (else: npm run docs:validation)', () => {
  expect(validationPage()).toBe(readFileSync('docs/validation.md', 'utf8'));
}, 180_000);
