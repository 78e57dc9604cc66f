import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { csv } from '../csv.ts';
import { claim, exact } from './claim.ts';
import { claimVerdict, paperClaims } from './claim-points.ts';
import { committedPicture, pictureFile, rowsFile } from './committed-figures.ts';
import { figureTable, readFigureTable } from './figure-table.ts';
import { paperFigures } from './paper-figures.ts';

const figures = paperFigures();

describe('the figures of papers that are kept (remade by npm run docs:validation)', () => {
  it.each(figures.map((figure) => [figure.id, figure] as const))(
    '%s is drawn from its rows',
    (id, figure) => {
      expect(Buffer.from(committedPicture(figure)).equals(readFileSync(pictureFile(id)))).toBe(true);
    },
  );

  it.each(figures.map((figure) => [figure.id, figure] as const))(
    '%s has points in every panel',
    (id, { design }) => {
      const points = readFigureTable(rowsFile(id), design);
      for (const { name } of design.panels)
        expect(points.filter(({ panel }) => panel === name).length, name).toBeGreaterThan(0);
      expect(csv(figureTable(id, points))).toBe(readFileSync(rowsFile(id), 'utf8'));
    },
  );

  it('are all there are, and small', () => {
    const pictures = readdirSync('docs/images/paper');
    expect(pictures.sort()).toEqual(figures.map(({ id }) => `${id}.png`).sort());
    const bytes = pictures.map((file) => statSync(`docs/images/paper/${file}`).size);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1.5e6);
  });

  it('in the manner of CoM have no published points and say that its body was not read', () => {
    const com = figures.filter(({ id }) => id.startsWith('com-'));
    expect(com).toHaveLength(6);
    for (const { id, design } of com) {
      expect(design.badge).toContain('body not read');
      expect(readFigureTable(rowsFile(id), design).filter(({ what }) => what !== 'simulated')).toEqual([]);
    }
  });
});

it('figures name claims that exist and tell their verdicts', () => {
  const claims = paperClaims();
  const known = new Set(claims.map(({ id }) => id));
  expect(figures.flatMap(({ claims: own }) => own).filter((id) => !known.has(id))).toEqual([]);
  const [first] = claims;
  const parts = { ...first!, id: 'X', published: [10], band: exact };
  const judged = [10, 10, 11].map((figure) => claim({ ...parts, kind: 'bound', simulated: [figure] }));
  expect(claimVerdict(judged, ['X'])).toBe('2 within, 1 MISSED');
  const fits = [10, 11].map((figure) => claim({ ...parts, kind: 'fit', simulated: [figure] }));
  expect(claimVerdict(fits.slice(0, 1), ['X'])).toBe('shown without a verdict');
  expect(claimVerdict(fits, ['X'])).toBe('1 MISSED');
}, 60_000);

it('a figure that is remade has the same rows as the kept one', () => {
  const figure = figures.find(({ id }) => id === 'clark-fig-12')!;
  expect(csv(figureTable(figure.id, figure.points()))).toBe(readFileSync(rowsFile(figure.id), 'utf8'));
}, 60_000);
