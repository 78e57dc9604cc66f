import type { RunSummary } from '../summary.ts';
import { assumedRow, tableSections } from '../table-sections.ts';
import { element, escaped } from './markup.ts';

/** The table that `nseh compare` prints. */
export function comparisonTable(schemes: readonly RunSummary[]): string {
  const cells = (name: 'th' | 'td', texts: readonly string[]): string[] =>
    texts.map((text) => element(name, {}, [escaped(text)]));
  const row = (label: string, values: readonly string[]): string =>
    element('tr', {}, [element('th', { scope: 'row' }, [escaped(label)]), ...cells('td', values)]);
  const assumed = assumedRow(schemes);
  const body = tableSections(schemes).flatMap(({ title, rows }) => [
    element('tr', { class: 'section' }, [element('th', { colspan: schemes.length + 1 }, [escaped(title)])]),
    ...rows.map(({ label, cells: values }) => row(label, values)),
  ]);
  const head = element('tr', {}, cells('th', ['', ...schemes.map(({ scheme }) => scheme)]));
  return element('div', { class: 'scroll' }, [
    element('table', { class: 'comparison' }, [
      element('thead', {}, [head]),
      element('tbody', {}, [row(assumed.label, assumed.cells), ...body]),
    ]),
  ]);
}
