import { deviation, mean, quantileSorted } from 'd3-array';

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
  return {
    n: values.length,
    mean: mean(values) ?? null,
    standardDeviation: deviation(values) ?? null,
    minimum: quantile(values, 0),
    median: quantile(values, 0.5),
    p95: quantile(values, 0.95),
    p99: quantile(values, 0.99),
    maximum: quantile(values, 1),
  };
}

/** Quantile of type 7 (Hyndman and Fan, The American Statistician 50(4), 1996), R's default; null for no values. */
export function quantile(values: readonly number[], p: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return quantileSorted(sorted, p) ?? null;
}
