import { ScenarioError } from '../../sim/assert.ts';
import type { Problem } from '../../sim/assert.ts';

interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * The rows of a table in writing (commas, semicolons or tabs, whichever its first line has; quotes are taken off) as
 * numbers, with their lines, and all that is wrong with them. Names of columns are in small letters, `t (ms)` and
 * `t [ms]` like `t_ms`.
 */
export class TableRows {
  readonly header: readonly string[];
  readonly headerLine: number;
  readonly wrong: Problem[] = [];
  private readonly file: string;
  private readonly rows: readonly Row[];

  constructor(text: string, file: string) {
    this.file = file;
    const lines = text
      .split(/\r\n|\n|\r/)
      .map((content, i) => ({ line: i + 1, content }))
      .filter(({ content }) => !/^[\s,;]*$/.test(content) && !content.trimStart().startsWith('#'));
    const separator = /[;\t]/.exec(lines[0]?.content ?? '')?.[0] ?? ',';
    const rows = lines.map(({ line, content }) => ({ line, cells: cellsOf(content, separator) }));
    this.header = rows[0]?.cells.map(columnName) ?? [];
    this.headerLine = rows[0]?.line ?? 1;
    this.rows = rows.slice(1);
  }

  /** What the first line has, for a message. */
  columns(): string {
    const names = this.header.map((name) => `"${name.slice(0, 20)}"`).slice(0, 6);
    return names.length === 0 ? ': it is empty' : `, but ${names.join(', ')}`;
  }

  place(line: number): string {
    return `${this.file}:${line}`;
  }

  refuse(line: number, message: string, allowed: string): void {
    this.wrong.push({ place: this.place(line), message, allowed });
  }

  /** A table that says nothing is wrong too. */
  throwWrong(): void {
    if (this.rows.length === 0) this.refuse(this.headerLine, 'is followed by no rows', 'one row or more');
    if (this.wrong.length > 0) throw new ScenarioError(this.wrong);
  }

  /**
   * The numbers of these columns, row by row; times in s. A row with a cell that is none, or with another number of
   * cells than there are columns, is left out and noted.
   */
  numbers(columns: readonly number[]): { readonly line: number; readonly values: readonly number[] }[] {
    const units = columns.map((column) => /_(us|ms|s)$/.exec(this.header[column] ?? '')?.[1] ?? '');
    return this.rows.flatMap(({ line, cells }) => {
      if (
        cells.length !== this.header.length &&
        cells.slice(this.header.length).some((cell) => cell !== '')
      ) {
        this.refuse(line, `has ${cells.length} cells`, `${this.header.length}, as the first line has`);
        return [];
      }
      const values = columns.map((column, i) => numberIn(cells[column] ?? '') * (secondsIn[units[i]!] ?? 1));
      const bad = values.findIndex(
        (value, i) => !(value >= 0 && value <= (units[i] === '' ? countMax : secondsMax)),
      );
      if (bad < 0) return [{ line, values }];
      const column = columns[bad]!;
      const cell = (cells[column] ?? '').slice(0, 40);
      const most = units[bad] === '' ? `${countMax}` : '104 days';
      this.refuse(line, `"${cell}" is no ${this.header[column] ?? ''}`, `a number, 0 to ${most}`);
      return [];
    });
  }
}

const secondsIn: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1 };

/** What whole nanoseconds reach, 2^53 of them: 104 days. */
const secondsMax = 9e6;
/** Pages of 4 KiB in 2^52 bytes, more than any processor addresses. */
const countMax = 2 ** 40;

function cellsOf(content: string, separator: string): string[] {
  const cells: string[] = [];
  // A cell in quotes may hold the separator.
  const cell = new RegExp(`\\s*("(?:[^"]|"")*"|[^${separator}]*)\\s*(?:${separator}|$)`, 'y');
  while (cell.lastIndex < content.length) {
    const found = cell.exec(content);
    if (found === null) return content.split(separator).map((part) => part.trim());
    cells.push(
      found[1]!
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .trim(),
    );
  }
  if (content.endsWith(separator)) cells.push('');
  return cells;
}

function columnName(cell: string): string {
  return cell
    .toLowerCase()
    .replace(/[([]([a-z]+)[)\]]$/, '_$1')
    .replace(/[\s_]+/g, '_');
}

function numberIn(cell: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell) ? Number(cell) : NaN;
}
