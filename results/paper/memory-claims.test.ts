import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claimList, listedClaims } from './claim-list.ts';
import { absolute, claim, exact, inBand, relative } from './claim.ts';
import { memoryClaims } from './memory-claims.ts';
import { paperFile } from './run-paper.ts';

const claims = memoryClaims();

describe('published figures on how memory moves', () => {
  it.each(
    claims
      .filter(({ published }) => published.length > 0)
      .map((each) => [`${each.id} ${each.what}`, each] as const),
  )('come out: %s', (_name, each) => {
    expect(inBand(each)).toBe(true);
  });

  it('are in the list that names them without a run, with their verdicts (npm run docs:validation)', () => {
    expect(listedClaims().filter(({ id }) => !/^C\d/.test(id))).toEqual(JSON.parse(claimList(claims)));
  });

  it('cover every case of the list', () => {
    const ids = ['P01', 'P02', 'P03', 'P04', 'P05', 'P06', 'P07', 'P08', 'P09', 'P12', 'P14', 'P15', 'P16'];
    const more = ['P17', 'P18', 'P19', 'P20', 'P21', 'P22', 'P23', 'P24', 'P30'];
    const found = new Set(claims.map(({ id }) => id));
    expect([...ids, ...more].filter((id) => !found.has(id))).toEqual([]);
  });

  it('are computed by running their files, of which none lies there without a claim', () => {
    const folder = dirname(paperFile('any'));
    // Those of com/ have figures and nothing published, those of context/ claims of their own.
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.yaml') && !/^(com|context)\//.test(name),
    );
    const claimed = new Set(claims.map(({ file }) => file));
    for (const file of claimed) expect(existsSync(`${folder}/${file}`)).toBe(true);
    // The scenario of a sweep has the sweep's name.
    const unclaimed = files.filter((file) => !claimed.has(file) && !claimed.has(`sweeps/${basename(file)}`));
    expect(unclaimed).toEqual([]);
    expect(files.length).toBeGreaterThan(15);
  });

  it('explain what they miss', () => {
    const misses = claims.filter((each) => each.published.length > 0 && !inBand(each));
    expect(misses.filter(({ note }) => note === '').map(({ id }) => id)).toEqual([]);
  });

  it('say that they are within only as predictions, replays or bounds', () => {
    const judged = claims.filter(({ within }) => within !== null).map(({ kind }) => kind);
    expect(new Set(judged)).toEqual(new Set(['prediction', 'replay', 'bound']));
  });
});

describe('a claim', () => {
  const parts = {
    id: 'X',
    what: 'a figure',
    source: 'arithmetic',
    file: 'none.yaml',
    kind: 'prediction',
    calibrated_on: 'nothing',
    free_parameters: 0,
    published: [100, 200],
  } as const;

  it('is met when every figure lies in its band', () => {
    expect(claim({ ...parts, simulated: [101, 198], band: relative(0.01) }).within).toBe(true);
    expect(claim({ ...parts, simulated: [101.1, 200], band: relative(0.01) }).within).toBe(false);
    expect(claim({ ...parts, simulated: [102, 200], band: absolute(2) }).within).toBe(true);
    expect(claim({ ...parts, simulated: [100, 200.1], band: exact }).within).toBe(false);
  });

  it('is missed by a list of another length or a figure that does not exist', () => {
    expect(claim({ ...parts, simulated: [100], band: relative(1) }).within).toBe(false);
    expect(claim({ ...parts, simulated: [100, NaN], band: relative(1) }).within).toBe(false);
  });
});
