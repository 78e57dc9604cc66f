import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { eastWestFile, isEastWest } from './east-west-file.ts';
import { validateEastWest } from './east-west.ts';

const file = new URL('../../reference/golden-eastwest.json.gz', import.meta.url);
const data: unknown = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8'));
const { meta, runs } = eastWestFile.parse(data);

function only(...cases: readonly string[]): unknown {
  return {
    meta,
    runs: runs.filter((run) => cases.some((name) => JSON.stringify(run).includes(`"${name}"`))),
  };
}

test.each(['r-nocopy-keep', 'r-seq-addr-keep-loose0', 'b-zone-flush-loose0', 'b-zone-join-nocopy-loose0'])(
  'Flows and entries end as recorded: %s',
  (name) => {
    const found = validateEastWest(only(name));
    expect([found.runs, found.flows, found.flows_agreeing]).toEqual([2, 22, 22]);
    expect(found.entries_agreeing).toBe(found.entries);
    expect(found.entries).toBeGreaterThan(20);
  },
);

test('What is not understood is listed and not scored', () => {
  const [good] = runs as [Record<string, unknown>];
  const odd = [
    { ...good, params: { topo: 'mesh', copy: null, flush: null } },
    { ...good, params: { topo: 'routed', copy: 'flags', flush: null } },
    { ...good, nft_id: 'nowhere' },
  ];
  const found = validateEastWest({ meta, runs: odd });
  expect(found.runs).toBe(0);
  expect(found.not_scored.map(({ why }) => why).join('\n')).toMatch(/topo[^]*sel[^]*nowhere/);
});

test('Files of the two kinds of handover are told apart by their head', () => {
  expect(isEastWest(data)).toBe(true);
  expect(isEastWest({ meta: {}, runs: [] })).toBe(false);
  expect(isEastWest(null)).toBe(false);
});
