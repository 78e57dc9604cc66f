import { deviation, mean } from 'd3-array';

/** What a list of numbers is reported as; null for a list that is empty (or, for the deviation, too short). */
export interface Summary {
  readonly n: number;
  readonly mean: number | null;
  readonly standardDeviation: number | null;
  readonly minimum: number | null;
  readonly median: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly maximum: number | null;
}

/** Mean, sample standard deviation (n - 1), extremes and quantiles of type 7. */
export function summarize(values: readonly number[]): Summary {
  const [minimum, median, p95, p99, maximum] = quantiles(values, [0, 0.5, 0.95, 0.99, 1]);
  return {
    n: values.length,
    mean: mean(values) ?? null,
    standardDeviation: deviation(values) ?? null,
    minimum: minimum ?? null,
    median: median ?? null,
    p95: p95 ?? null,
    p99: p99 ?? null,
    maximum: maximum ?? null,
  };
}

/** Several quantiles of type 7 at the cost of one sort. */
export function quantiles(values: readonly number[], at: readonly number[]): (number | null)[] {
  const sorted = Float64Array.from(values).sort();
  return at.map((p) => quantileOfSorted(sorted, p));
}

/** Quantile of type 7 (Hyndman and Fan, The American Statistician 50(4), 1996), R's default; null for no values. */
export function quantile(values: readonly number[], p: number): number | null {
  return quantileOfSorted(Float64Array.from(values).sort(), p);
}

/** Linear between the order statistics around (n - 1) p, as d3-array's quantileSorted, which takes no typed array. */
function quantileOfSorted(sorted: Float64Array, p: number): number | null {
  if (sorted.length === 0) return null;
  const position = (sorted.length - 1) * p;
  const below = sorted[Math.floor(position)]!;
  const above = sorted[Math.ceil(position)]!;
  return below + (above - below) * (position - Math.floor(position));
}
