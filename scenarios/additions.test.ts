import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ScenarioError, assert } from '../sim/assert.ts';
import { importAdditions } from './additions.ts';
import type { ModuleSpec } from './scenario.ts';

const folder = mkdtempSync(join(tmpdir(), 'nseh-additions-'));

function written(name: string, text: string): ModuleSpec {
  const path = join(folder, name);
  writeFileSync(path, text);
  return { path, sha256: '', options: { period: 5 } };
}

describe('a module of a user’s own', () => {
  it('is called with its options and gives what it adds', async () => {
    const module = written(
      'good.mjs',
      'export default ({ period }) => ({ workloads: Array(period).fill(() => 0) })',
    );
    const { workloads, engines } = await importAdditions([module]);
    expect([workloads.length, engines.length]).toEqual([5, 0]);
  });

  it.each([
    ['syntax.mjs', 'export default (', 'cannot be imported: '],
    ['none.mjs', 'export const x = 1', 'has no function as its default export'],
    ['throws.mjs', 'export default () => { throw new Error("no period") }', 'throws: no period'],
    ['number.mjs', 'export default () => 7', 'returns something else than lists of functions'],
    ['key.mjs', 'export default () => ({ workload: [] })', 'returns something else than lists of functions'],
    [
      'items.mjs',
      'export default () => ({ engines: [1] })',
      'returns something else than lists of functions',
    ],
  ])('is refused by its name where it is %s', async (name, text, words) => {
    const refusal = await importAdditions([written(name, text)]).then(
      () => null,
      (error: unknown) => error,
    );
    assert(refusal instanceof ScenarioError, 'what a module does wrong is told as the user’s');
    expect(refusal.problems[0]!.place).toBe(join(folder, name));
    expect(refusal.problems[0]!.message).toContain(words);
  });
});
