import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fieldList } from './field-list.ts';
import { formatPage } from './format-page.ts';

describe('the documentation of the scenario format', () => {
  it('is what the schema says today (else: npm run docs:format)', () => {
    const written = readFileSync(new URL('../docs/scenario-format.md', import.meta.url), 'utf8');
    expect(written).toBe(formatPage());
  });

  it('says of every field what it means', () => {
    expect(fieldList().filter(({ means }) => means === '')).toEqual([]);
  });
});
