import Table from 'cli-table3';
import type { Comparison } from './compare.ts';
import { assumedRow, tableSections } from './table-sections.ts';
import type { TableSection } from './table-sections.ts';

/** Columns that a table may take: more schemes than fit are shown in a further table below. */
const widthMax = 100;

/**
 * The comparison as text for a terminal: one column a scheme, rows in sections of what the move costs, what
 * clients see, what the context lost and who got through. Three digits; `–` where nothing could be observed.
 */
export function comparisonTable({ schemes }: Comparison): string {
  const sections = [{ title: '', rows: [assumedRow(schemes)] }, ...tableSections(schemes)];
  const names = schemes.map(({ scheme }) => scheme);
  return columnsThatFit(names, sections)
    .map((columns) => drawTable(names, sections, columns))
    .join('\n\n');
}

function drawTable(
  names: readonly string[],
  sections: readonly TableSection[],
  columns: readonly number[],
): string {
  const table = new Table({
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 2 },
    chars: borderless,
    colAligns: ['left', ...columns.map(() => 'right' as const)],
  });
  table.push(['', ...columns.map((column) => names[column] ?? '')]);
  for (const { title, rows } of sections) {
    if (title !== '') table.push([title, ...columns.map(() => '')]);
    const indent = title === '' ? '' : '  ';
    for (const { label, cells } of rows)
      table.push([`${indent}${label}`, ...columns.map((column) => cells[column] ?? '')]);
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

const borderless = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '' },
};

/** Splits the columns so that no table is wider than the limit; a table has one scheme at least. */
function columnsThatFit(names: readonly string[], sections: readonly TableSection[]): number[][] {
  const rows = sections.flatMap((section) => section.rows);
  const labelPlus = Math.max(...rows.map(({ label }) => label.length)) + 4;
  const groups: number[][] = [];
  let used = Infinity;
  names.forEach((name, column) => {
    const widthOf = Math.max(name.length, ...rows.map(({ cells }) => cells[column]?.length ?? 0)) + 2;
    if (used + widthOf > widthMax) {
      groups.push([]);
      used = labelPlus;
    }
    groups.at(-1)?.push(column);
    used += widthOf;
  });
  return groups;
}
