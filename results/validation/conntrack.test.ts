import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { validateConntrack } from './conntrack.ts';

function golden(name: string): unknown {
  const file = new URL(`../reference/golden-${name}.json.gz`, import.meta.url);
  const data: unknown = JSON.parse(gunzipSync(readFileSync(file)).toString());
  return data;
}

describe('validateConntrack', () => {
  // What Linux 6.18.44 did, packet by packet; the counts are those of the recordings.
  it.each([
    ['conntrack', 201, 1264],
    ['ipv6', 61, 321],
    ['nat', 88, 593],
  ])('agrees with every sequence of golden-%s in every compared field', (name, sequences, packets) => {
    const result = validateConntrack(golden(name));
    expect(result.disagreements).toEqual([]);
    expect(result.sequences).toBe(sequences);
    expect(result.sequences_agreeing).toBe(sequences);
    expect(result.packets).toBe(packets);
    expect(result.packets_agreeing).toBe(packets);
    expect(result.internals_agreeing).toBe(result.internals);
  });

  it('reports a recording that says otherwise, with place, expectation and simulation', () => {
    const [first] = golden('conntrack') as { expect: { verdict: string; table?: unknown }[] }[];
    first!.expect[0]!.verdict = 'drop';
    const result = validateConntrack([first]);
    expect(result.sequences_agreeing).toBe(0);
    expect(result.disagreements).toEqual([
      {
        sequence: 'open-data-clientclose',
        step: 0,
        field: 'verdict',
        expected: 'drop',
        simulated: 'forward',
      },
    ]);
  });

  it('refuses a file that holds no sequences', () => {
    expect(() => validateConntrack({ runs: [] })).toThrow(/expected array/);
  });
});
