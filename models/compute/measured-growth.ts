import type { DirtySample } from './memory-access.ts';

/** Pages that are each written so many times a second, at random. */
export interface EvenlyWritten {
  readonly pages: number;
  readonly perPageS: number;
}

const stepsPerDecade = 4;
const sweepsMax = 2000;

/**
 * Pages of the write rates with which D(t) = Σ n (1 - e^(-rt)) meets measured windows best: the least squares of
 * the relative errors over n ≥ 0, for rates a quarter of a decade apart, from twenty times the shortest window's
 * to half the longest one's. D of independent pages grows ever more slowly; data that do not are met as
 * nearly as such pages can. Coordinate descent (Lawson and Hanson, Solving Least Squares Problems, 1974, ch. 23,
 * state the problem).
 */
export function fitEvenlyWritten(windows: readonly DirtySample[]): EvenlyWritten[] {
  const rates = ratesFor(windows);
  const columns = rates.map((rate) =>
    windows.map(({ windowS, pages }) => -Math.expm1(-rate * windowS) / pages),
  );
  const norms = columns.map((column) => column.reduce((sum, value) => sum + value * value, 0));
  const counts = new Float64Array(rates.length);
  const errors = new Float64Array(windows.length).fill(-1);
  for (let sweep = 0; sweep < sweepsMax; sweep++) {
    columns.forEach((column, i) => {
      const slope = column.reduce((sum, value, row) => sum + value * errors[row]!, 0);
      const step = Math.max(-counts[i]!, -slope / norms[i]!);
      counts[i] = counts[i]! + step;
      column.forEach((value, row) => (errors[row] = errors[row]! + step * value));
    });
  }
  return rates.map((perPageS, i) => ({ pages: Math.round(counts[i]!), perPageS }));
}

function ratesFor(windows: readonly DirtySample[]): number[] {
  const lengths = windows.map(({ windowS }) => windowS);
  const fastest = 20 / Math.min(...lengths);
  const slowest = 0.5 / Math.max(...lengths);
  const count = Math.ceil(Math.log10(fastest / slowest) * stepsPerDecade) + 1;
  return Array.from({ length: count }, (_, i) => fastest * 10 ** (-i / stepsPerDecade));
}
