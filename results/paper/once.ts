/** Computes something at its first use and keeps it: what several figures are drawn of is run once. */
export function once<T>(compute: () => T): () => T {
  let kept: { readonly value: T } | null = null;
  return () => (kept ??= { value: compute() }).value;
}
