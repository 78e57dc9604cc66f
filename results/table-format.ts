import { csv } from './csv.ts';
import type { Cell, DataTable } from './data-table.ts';
import { markdownTable } from './markdown-table.ts';
import { threeDigits } from './three-digits.ts';

export type TableFormat = 'table' | 'csv' | 'json' | 'md' | 'latex';
export const tableFormats: readonly TableFormat[] = ['table', 'csv', 'json', 'md', 'latex'];

/** A table as text: with full precision for programs, with three digits or all before the point for readers. Columns without a value are left out for readers. */
export function formatTable(table: DataTable, format: TableFormat): string {
  switch (format) {
    case 'csv':
      return csv(table).trimEnd();
    case 'json':
      return JSON.stringify(
        table.rows.map((row) =>
          Object.fromEntries(table.columns.map((column, at) => [column, row[at] ?? null])),
        ),
      );
    case 'md':
      return markdown(forReaders(table));
    case 'latex':
      return latex(forReaders(table));
    case 'table':
      return aligned(forReaders(table));
  }
}

interface Shown {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns of numbers stand to the right. */
  readonly right: readonly boolean[];
}

function forReaders({ columns, rows }: DataTable): Shown {
  const kept = [...columns.keys()].filter((at) => rows.some((row) => row[at] !== null && row[at] !== ''));
  return {
    columns: kept.map((at) => columns[at]!),
    rows: rows.map((row) => kept.map((at) => shown(row[at] ?? null))),
    right: kept.map((at) => rows.every((row) => typeof row[at] !== 'string')),
  };
}

function shown(cell: Cell): string {
  if (cell === null) return '–';
  if (typeof cell === 'string') return cell;
  if (Number.isInteger(cell) && Math.abs(cell) < 1e6) return String(cell);
  // A mean that happens to be whole must not stand outside of its interval because that was rounded more.
  return Math.abs(cell) >= 1000 ? cell.toFixed(0) : threeDigits(cell);
}

function aligned({ columns, rows, right }: Shown): string {
  const widths = columns.map((column, at) => Math.max(column.length, ...rows.map((row) => row[at]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => (right[at] === true ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))
      .join('  ')
      .trimEnd();
  return [columns, ...rows].map(line).join('\n');
}

function markdown({ columns, rows, right }: Shown): string {
  return markdownTable(
    columns,
    rows,
    right.map((toRight) => (toRight ? '--:' : ':--')),
  );
}

/** For the package booktabs. */
function latex({ columns, rows, right }: Shown): string {
  const line = (cells: readonly string[]): string =>
    `${cells.map((cell) => cell.replace(/[_%&#$]/g, '\\$&').replace('–', '--')).join(' & ')} \\\\`;
  return [
    `\\begin{tabular}{${right.map((toRight) => (toRight ? 'r' : 'l')).join('')}}`,
    ...['\\toprule', line(columns), '\\midrule', ...rows.map(line), '\\bottomrule'],
    '\\end{tabular}',
  ].join('\n');
}
