import type { WordList } from '../word-list.ts';
import { markStyles } from './page-data.ts';
import type { MarkStyle, PageLane } from './page-data.ts';

/** One mark of a lane before it is packed. Times in ms; start and end are the same for a point. */
export interface Mark {
  readonly startMs: number;
  readonly endMs: number;
  readonly row: number;
  readonly style: MarkStyle;
  /** Shown on the mark where it has room. */
  readonly label: string;
  /** Shown when one points at it; lines end in a line feed. */
  readonly detail: string;
}

/** A lane of these marks, in the order of time. */
export function lane(
  words: WordList,
  about: { readonly label: string; readonly note: string; readonly dense: boolean },
  marks: readonly Mark[],
): PageLane {
  const sorted = [...marks].sort((a, b) => a.startMs - b.startMs || a.row - b.row);
  return {
    ...about,
    rows: sorted.reduce((rows, { row }) => Math.max(rows, row + 1), 1),
    marks: sorted.flatMap(({ startMs, endMs, row, style, label, detail }) => [
      ...[startMs, endMs, row, markStyles.indexOf(style), words.number(label), words.number(detail)],
    ]),
  };
}

/** Puts marks that overlap in time on rows of their own, as few as will do: greedy, in the order of their starts. */
export function packed(marks: readonly Omit<Mark, 'row'>[]): Mark[] {
  const ends: number[] = [];
  return [...marks]
    .sort((a, b) => a.startMs - b.startMs)
    .map((mark) => {
      const free = ends.findIndex((endMs) => endMs <= mark.startMs);
      const row = free < 0 ? ends.length : free;
      ends[row] = mark.endMs;
      return { ...mark, row };
    });
}
