import type { Problem } from '../sim/assert.ts';

/** A problem with a stretch of a text file: `place` is `file:line:col path`. */
export interface SourceProblem extends Problem {
  /** The line of the file with carets below the stretch; empty when there is none to show. */
  readonly excerpt: string;
  /** Where the stretch starts in the text, by which problems are sorted; -1 when it is not in the text. */
  readonly offset: number;
}

/** A stretch of a text, as offsets of its characters. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** After so many problems a file is not worth more words. */
export const problemsMax = 200;

/** The path of a value inside a file: keys of mappings and indices of lists. */
export type FieldPath = readonly (string | number)[];

/** `hosts[0].link.rate`, as users write it. */
export function showPath(path: FieldPath): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('');
}

/** A text file that problems can point into. */
export class SourceText {
  readonly file: string;
  readonly text: string;
  private readonly lineStarts: readonly number[];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    const starts = [0];
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    this.lineStarts = starts;
  }

  problem(stretch: Stretch, path: FieldPath, message: string, allowed: string): SourceProblem {
    const { line, column } = this.position(stretch.start);
    const shown = showPath(path);
    return {
      place: `${this.file}:${line}:${column}${shown === '' ? '' : ` ${shown}`}`,
      message,
      allowed,
      excerpt: this.excerpt(stretch, line, column),
      offset: stretch.start,
    };
  }

  /** Line and column of an offset, both from 1. */
  private position(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.lineStarts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - this.lineStarts[low]! + 1 };
  }

  private excerpt(stretch: Stretch, line: number, column: number): string {
    const start = this.lineStarts[line - 1]!;
    const lineEnd = this.text.indexOf('\n', start);
    const whole = this.text.slice(start, lineEnd < 0 ? undefined : lineEnd).replace(/\r$/, '');
    // A file may be one line of a mebibyte: only what lies around the stretch is shown.
    const from = Math.max(0, column - 1 - excerptBefore);
    const shown = whole.slice(from, from + excerptWidth).replace(/[\t\p{Cc}]/gu, ' ');
    const room = Math.max(1, shown.length - (column - 1 - from));
    const carets = '^'.repeat(Math.max(1, Math.min(stretch.end - stretch.start, room)));
    const number = String(line).padStart(4);
    const indent = ' '.repeat(column - 1 - from);
    return `${number} | ${shown}\n${' '.repeat(number.length)} | ${indent}${carets}`;
  }
}

const excerptWidth = 100;
const excerptBefore = 60;
