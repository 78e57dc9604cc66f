import { bisectLeft } from 'd3-array';

/** A stretch of time with the mean rate in it, per second. */
export interface Column {
  readonly fromMs: number;
  readonly toMs: number;
  readonly rate: number;
}

/**
 * Rates of a counter within a stretch of time. Each interval of the series becomes a column where it is at least a
 * pixel wide; otherwise as many whole intervals as fill a pixel share one, so that no count is lost.
 */
export function columnsOf(
  series: { readonly binMs: number; readonly startMs: readonly number[] },
  counts: readonly number[],
  within: { readonly fromMs: number; readonly toMs: number; readonly columns: number },
): Column[] {
  const { binMs, startMs } = series;
  const { fromMs, toMs, columns } = within;
  const bins = Math.max(1, Math.ceil((toMs - fromMs) / Math.max(1, columns) / binMs));
  const lengthMs = bins * binMs;
  const found: { place: number; sum: number }[] = [];
  for (let index = bisectLeft(startMs, fromMs - lengthMs); index < startMs.length; index++) {
    const timeMs = startMs[index] ?? 0;
    if (timeMs > toMs) break;
    const place = Math.floor(timeMs / lengthMs + 1e-9);
    const last = found.at(-1);
    if (last?.place === place) last.sum += counts[index] ?? 0;
    else found.push({ place, sum: counts[index] ?? 0 });
  }
  return found.map(({ place, sum }) => ({
    ...{ fromMs: place * lengthMs, toMs: (place + 1) * lengthMs, rate: (sum * 1000) / lengthMs },
  }));
}
