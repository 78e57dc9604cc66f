import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../sim/assert.ts';
import { parseScenario } from './load-scenario.ts';

const quickstart = new URL('quickstart.yaml', import.meta.url).pathname;
const text = readFileSync(quickstart, 'utf8');

/** What reading came to: `sound`, or the problems; anything else is thrown on and fails the test. */
function outcomeOf(source: string, overrides: readonly string[]): 'sound' | 'refused' {
  try {
    parseScenario(quickstart, source, overrides);
    return 'sound';
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    for (const { place, message } of error.problems) expect(`${place}${message}`).not.toContain('undefined');
    return 'refused';
  }
}

const damage = fc.record({
  at: fc.nat(text.length - 1),
  length: fc.nat(30),
  by: fc.oneof(
    fc.constantFrom(
      '',
      ' ',
      '\n',
      '\t',
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '-',
      '&a',
      '*a',
      '!!x ',
      '#',
      '"',
      "'",
      '|',
      '?',
    ),
    fc.constantFrom(
      'null',
      '~',
      '1e999',
      '-1',
      '0',
      '.inf',
      'true',
      '__proto__',
      'constructor',
      'kind: qemu',
    ),
    fc.string({ maxLength: 8 }),
  ),
});

describe('reading a scenario', () => {
  it('ends in a scenario or in problems, whatever happens to the text', () => {
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), (damages) => {
        let source = text;
        for (const { at, length, by } of damages)
          source = source.slice(0, at) + by + source.slice(at + length);
        expect(['sound', 'refused']).toContain(outcomeOf(source, []));
      }),
      { numRuns: 300 },
    );
  });

  it('ends so whatever value any field is given', () => {
    const keys = [...new Set(text.match(/\b[a-z_]+(?=:)/g))];
    const value = fc.constantFrom(
      '',
      'null',
      '[]',
      '{}',
      '-1',
      '1e99',
      '0',
      'x',
      '[{}]',
      '{ kind: x }',
      '10 ms',
      '1 GiB',
      '*a',
    );
    const path = fc.tuple(
      fc.constantFrom('hosts[0]', 'vms[web]', 'workloads[0]', 'migrations[0]', 'schemes'),
      fc.constantFrom(...keys),
    );
    fc.assert(
      fc.property(path, value, ([above, key], given) => {
        expect(['sound', 'refused']).toContain(outcomeOf(text, [`${above}.${key}=${given}`]));
        expect(['sound', 'refused']).toContain(outcomeOf(text, [`${key}=${given}`]));
      }),
      { numRuns: 200 },
    );
  });

  it('knows no key that JavaScript objects have by themselves', () => {
    for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(outcomeOf(`${text}\n${key}: 1\n`, [])).toBe('refused');
      expect(outcomeOf(text, [`hosts[a].${key}=1`])).toBe('refused');
    }
  });
});
