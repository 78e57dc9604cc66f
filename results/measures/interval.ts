/** A stretch of simulated time, half open: [startNs, endNs). */
export interface Interval {
  readonly startNs: number;
  readonly endNs: number;
}

/** The same stretches, in order and without overlaps; empty ones disappear. */
export function union(intervals: readonly Interval[]): Interval[] {
  const sorted = intervals.filter((i) => i.endNs > i.startNs).sort((a, b) => a.startNs - b.startNs);
  const joined: Interval[] = [];
  for (const interval of sorted) {
    const last = joined.at(-1);
    if (last === undefined || interval.startNs > last.endNs) joined.push(interval);
    else joined[joined.length - 1] = { startNs: last.startNs, endNs: Math.max(last.endNs, interval.endNs) };
  }
  return joined;
}

/** What of the intervals lies within the frame, without overlaps. */
export function within(intervals: readonly Interval[], frame: Interval): Interval[] {
  return union(
    intervals.map(({ startNs, endNs }) => ({
      startNs: Math.max(startNs, frame.startNs),
      endNs: Math.min(endNs, frame.endNs),
    })),
  );
}

/** How long at least one of the intervals is open, in ns. */
export function lengthNs(intervals: readonly Interval[]): number {
  return union(intervals).reduce((sum, { startNs, endNs }) => sum + (endNs - startNs), 0);
}
