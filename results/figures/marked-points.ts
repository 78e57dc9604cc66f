/** Longer lines have a symbol at some of their points alone. */
const symbolsMax = 16;

/** The points of a line that bear its symbol: all of a short one, some eight of a long one. */
export function markedPoints<T>(points: readonly T[]): readonly T[] {
  if (points.length <= symbolsMax) return points;
  const every = Math.ceil(points.length / 8);
  return points.filter((_, index) => index % every === Math.floor(every / 2));
}
