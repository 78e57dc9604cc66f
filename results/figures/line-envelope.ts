/** A value of a line at a place. */
export interface Sample {
  readonly x: number;
  readonly y: number;
}

/** Many samples in one: their mean, the least and the greatest, in the middle of their stretch of x. */
export interface EnvelopePoint extends Sample {
  readonly low: number;
  readonly high: number;
}

/** How long the stretches are: so much of x each, or each ending at a multiple of its beginning. */
export type Stretch = { readonly kind: 'length' | 'ratio'; readonly size: number };

/** Least length of a stretch in a figure, CSS pixels: shorter ones could not be told apart. */
const stretchPx = 2;

/**
 * Stretches for lines with more points than the figure is wide, so that each of them is some pixels wide: a length of
 * 1, 2 or 5 times a power of ten, or on a logarithmic axis a ratio. Null for lines that can be drawn point by point.
 */
export function stretchOf(
  lines: readonly (readonly Sample[])[],
  widthPx: number,
  logarithmic: boolean,
): Stretch | null {
  if (lines.every((samples) => placesOf(samples) <= widthPx)) return null;
  let least = Infinity;
  let most = -Infinity;
  for (const { x } of lines.flat()) {
    least = Math.min(least, x);
    most = Math.max(most, x);
  }
  const share = stretchPx / widthPx;
  return logarithmic
    ? { kind: 'ratio', size: (most / least) ** share }
    : { kind: 'length', size: roundUp((most - least) * share) };
}

/** The stretches of a line in which there is something, in the order of x. */
export function envelope(samples: readonly Sample[], { kind, size }: Stretch): EnvelopePoint[] {
  // Quotients of decimal fractions may come out a trifle below the whole number that they are.
  const stretch = (x: number): number =>
    Math.floor((kind === 'length' ? x / size : Math.log(x) / Math.log(size)) + 1e-9);
  const middle = (index: number): number =>
    kind === 'length' ? (index + 0.5) * size : size ** (index + 0.5);
  const sums = new Map<number, { count: number; sum: number; low: number; high: number }>();
  for (const { x, y } of samples) {
    const index = stretch(x);
    const known = sums.get(index);
    if (known === undefined) {
      sums.set(index, { count: 1, sum: y, low: y, high: y });
      continue;
    }
    known.count++;
    known.sum += y;
    known.low = Math.min(known.low, y);
    known.high = Math.max(known.high, y);
  }
  return [...sums]
    .sort(([a], [b]) => a - b)
    .map(([index, { count, sum, low, high }]) => ({ x: middle(index), y: sum / count, low, high }));
}

function placesOf(samples: readonly Sample[]): number {
  return new Set(samples.map(({ x }) => x)).size;
}

/** The next of 1, 2 and 5 times a power of ten. */
function roundUp(length: number): number {
  const power = 10 ** Math.floor(Math.log10(length));
  return power * ([1, 2, 5].find((times) => times * power >= length) ?? 10);
}
