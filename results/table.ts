import Table from 'cli-table3';
import type { Comparison } from './compare.ts';
import type { RunSummary } from './summary.ts';
import { assumedRow, tableSections } from './table-sections.ts';
import type { TableRow } from './table-sections.ts';

/** Columns that a table may take: more schemes than fit are shown in a further table below. */
const widthMax = 100;

/**
 * The comparison as text for a terminal: one column a scheme, rows in sections of what the move costs, what
 * clients see, what the context lost and who got through. Three digits; `–` where nothing could be observed.
 */
export function comparisonTable(comparison: Comparison): string {
  return groupsThatFit(comparison.schemes)
    .map((schemes) => drawTable(schemes))
    .join('\n\n');
}

function drawTable(schemes: readonly RunSummary[]): string {
  const table = new Table({
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 2 },
    chars: borderless,
    colAligns: ['left', ...schemes.map(() => 'right' as const)],
  });
  table.push(['', ...schemes.map(({ scheme }) => scheme)]);
  const assumed = assumedRow(schemes);
  table.push([assumed.label, ...assumed.cells]);
  for (const { title, rows } of tableSections(schemes)) {
    table.push([title, ...schemes.map(() => '')]);
    for (const row of rows) table.push([`  ${row.label}`, ...row.cells]);
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

/** Splits the schemes so that no table is wider than the limit; a table has one scheme at least. */
function groupsThatFit(schemes: readonly RunSummary[]): RunSummary[][] {
  const groups: RunSummary[][] = [];
  for (const scheme of schemes) {
    const last = groups.at(-1);
    if (last !== undefined && widthOf([...last, scheme]) <= widthMax) last.push(scheme);
    else groups.push([scheme]);
  }
  return groups;
}

function widthOf(schemes: readonly RunSummary[]): number {
  const rows: readonly TableRow[] = [
    assumedRow(schemes),
    ...tableSections(schemes).flatMap((section) => section.rows),
  ];
  const label = Math.max(...rows.map((row) => row.label.length + 2));
  const columns = schemes.map((scheme, column) =>
    Math.max(scheme.scheme.length, ...rows.map((row) => row.cells[column]?.length ?? 0)),
  );
  return columns.reduce((sum, width) => sum + width + 2, label + 2);
}
