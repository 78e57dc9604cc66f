import { assert } from '../../sim/assert.ts';
import type { FigurePoint } from '../figures/paper-figure.ts';
import { inBand } from './claim.ts';
import type { Claim } from './claim.ts';
import { sixDigits } from './six-digits.ts';
import { memoryClaims } from './memory-claims.ts';
import { once } from './once.ts';

/** All claims, run once. */
export const paperClaims = once(memoryClaims);

/**
 * The verdict on the claims of a figure in words. A fit or a check of consistency is never within, but may miss its
 * band.
 */
export function claimVerdict(claims: readonly Claim[], ids: readonly string[]): string {
  const own = claims.filter(({ id }) => ids.includes(id));
  const within = own.filter((claim) => claim.within === true).length;
  const missed = own.filter((claim) => claim.published.length > 0 && !inBand(claim)).length;
  const said = [...(within > 0 ? [`${within} within`] : []), ...(missed > 0 ? [`${missed} MISSED`] : [])];
  return said.length > 0 ? said.join(', ') : 'shown without a verdict';
}

/**
 * A claim as points: the figures of the one of this id whose text begins so, published and simulated, along `x`; an
 * exact text goes before a longer one. A claim without published figures gives the simulated ones alone.
 */
export function claimPoints(
  id: string,
  begins: string,
  place: { readonly panel: string; readonly series: string; readonly x: readonly (number | string)[] },
): FigurePoint[] {
  const fitting = paperClaims().filter((claim) => claim.id === id && claim.what.startsWith(begins));
  const found = fitting.find(({ what }) => what === begins) ?? fitting[0];
  assert(found !== undefined, 'a figure names a claim that there is');
  const { published, simulated, source, file } = found;
  const points = (what: FigurePoint['what'], values: readonly number[], from: string): FigurePoint[] =>
    values.flatMap((y, i) => {
      const x = place.x[i];
      const { panel, series } = place;
      return x === undefined ? [] : [{ panel, series, what, x, y: sixDigits(y), source: from }];
    });
  return [
    ...points('simulated', simulated, `scenarios/paper/${file}`),
    ...points('published', published, source),
  ];
}
