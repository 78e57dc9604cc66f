import type { Cell } from '../data-table.ts';
import type { PlotRows } from './plot-rows.ts';

/**
 * A series over equal intervals (`start_ms`, `length_ms`) with the intervals in which nothing happened, which its file
 * leaves out: counts of 0, for each text of the table (a workload, say). Other tables are as they were.
 */
export function withEmptyIntervals(table: PlotRows): PlotRows {
  const at = (name: string): number => table.columns.findIndex((column) => column.name === name);
  const [start, length] = [at('start_ms'), at('length_ms')];
  if (start < 0 || length < 0 || table.rows.length === 0) return table;
  const lengthMs = Number(table.rows[0]![length]);
  const starts = table.rows.map((row) => Number(row[start]));
  if (!(lengthMs > 0) || starts.some((ms) => !Number.isFinite(ms))) return table;
  const bins = starts.map((ms) => Math.round(ms / lengthMs));
  const first = bins.reduce((a, b) => Math.min(a, b));
  const last = bins.reduce((a, b) => Math.max(a, b));
  const texts = table.columns.flatMap(({ kind }, index) => (kind === 'text' ? [index] : []));
  const groups = new Map<string, Map<number, readonly Cell[]>>();
  table.rows.forEach((row, index) => {
    const key = JSON.stringify(texts.map((text) => row[text]));
    const group = groups.get(key) ?? new Map<number, readonly Cell[]>();
    groups.set(key, group.set(bins[index]!, row));
  });
  const rows = [...groups.values()].flatMap((group) => {
    const [like = []] = group.values();
    return Array.from({ length: last - first + 1 }, (_, index) => {
      const bin = first + index;
      return group.get(bin) ?? emptyRow(like, bin * lengthMs, { start, length, texts });
    });
  });
  return { ...table, rows };
}

function emptyRow(
  like: readonly Cell[],
  startMs: number,
  { start, length, texts }: { start: number; length: number; texts: readonly number[] },
): readonly Cell[] {
  return like.map((cell, index) => {
    if (index === start) return startMs;
    return index === length || texts.includes(index) ? cell : 0;
  });
}
