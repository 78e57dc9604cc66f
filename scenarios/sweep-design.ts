import { Chance } from '../sim/random.ts';
import type { SweepPoint } from './sweep-condition.ts';
import type { SweepFactor } from './sweep-factor.ts';

/** Factors that change together: one for an entry of `vary`, several for an entry of `zip`. */
export interface SweepAxis {
  readonly factors: readonly SweepFactor[];
}

export type SweepDesign =
  | { readonly kind: 'grid' }
  | { readonly kind: 'latin-hypercube' | 'random'; readonly points: number; readonly seed: number };

/** How many combinations a design has before any is left out; counted without making them. */
export function countPoints(axes: readonly SweepAxis[], design: SweepDesign): number {
  if (design.kind !== 'grid') return design.points;
  return axes.reduce((product, axis) => product * lengthOf(axis), 1);
}

/** The combinations, one after the other: of a grid the last axis changes fastest. */
export function* designPoints(axes: readonly SweepAxis[], design: SweepDesign): Generator<SweepPoint> {
  const total = countPoints(axes, design);
  if (design.kind === 'grid') {
    for (let number = 0; number < total; number++) yield gridPoint(axes, number);
    return;
  }
  const fractions = design.kind === 'random' ? randomFractions : hypercubeFractions;
  const ofAxes = axes.map((axis, index) => fractions(design, `${index} ${axis.factors[0]?.path ?? ''}`));
  for (let number = 0; number < total; number++) {
    yield axes.flatMap(({ factors }, index) => factors.map((factor) => factor.at(ofAxes[index]!(number))));
  }
}

/** How many values an axis takes in a grid. */
export function lengthOf({ factors }: SweepAxis): number {
  return factors[0]?.levels.length ?? 0;
}

function gridPoint(axes: readonly SweepAxis[], number: number): SweepPoint {
  let rest = number;
  const indices = axes.toReversed().map((axis) => {
    const index = rest % lengthOf(axis);
    rest = (rest - index) / lengthOf(axis);
    return index;
  });
  return axes.flatMap(({ factors }, axis) =>
    factors.map(({ levels }) => levels[indices[axes.length - 1 - axis]!]!),
  );
}

type Fractions = (point: number) => number;
type Sampled = Exclude<SweepDesign, { kind: 'grid' }>;

function randomFractions({ seed }: Sampled, axis: string): Fractions {
  const draws = new Chance(seed, 0).stream(axis, 'random design');
  return (point) => draws.uniform(point);
}

/**
 * Latin hypercube (McKay, Beckman and Conover, Technometrics 21(2), 1979): each of n equal slices of an axis has
 * exactly one of the n points, at a random place within, and the slices of the axes are paired at random.
 */
function hypercubeFractions({ seed, points }: Sampled, axis: string): Fractions {
  const chance = new Chance(seed, 0);
  const order = chance.stream(axis, 'order of slices');
  const within = chance.stream(axis, 'place in a slice');
  const slices = Array.from({ length: points }, (_, slice) => slice);
  // Fisher and Yates' shuffle.
  for (let last = points - 1; last > 0; last--) {
    const other = Math.floor(order.uniform(last) * (last + 1));
    [slices[last], slices[other]] = [slices[other]!, slices[last]!];
  }
  return (point) => (slices[point]! + within.uniform(point)) / points;
}
