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
