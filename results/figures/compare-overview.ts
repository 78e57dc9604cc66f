import type { Comparison } from '../compare.ts';
import type { MigrationSummary } from '../migration-summary.ts';
import { quantile } from '../statistics.ts';
import type { ConnectionCounts, RunSummary } from '../summary.ts';
import { threeDigits, timeUnit, wholeNumber } from '../three-digits.ts';
import { axisPx, drawBarPanel } from './bar-panel.ts';
import type { BarPanel, BarPart } from './bar-panel.ts';
import { colour, figureText, fontSize, width } from './figure-theme.ts';
import type { LegendEntry } from './legend.ts';
import { legendLinePx, legendLines } from './legend.ts';
import { svg, svgText } from './svg.ts';
import { textWidth } from './text-width.ts';

/**
 * A comparison at a glance, a row for each scheme: what the pause was spent on, what became of the connections,
 * and which packets got through or did not against what they meant. SVG text; the same summaries, the same bytes.
 */
export function compareOverview(comparison: Comparison): string {
  const { schemes } = comparison;
  const panels = [downtimePanel(schemes), connectionPanel(schemes), exposurePanel(schemes)];
  const namePx = Math.max(...schemes.map(({ scheme }) => textWidth(scheme, fontSize.label)), 65) + 10;
  const widthPx = (width.twoColumns - namePx - marginPx * 2 - gapPx * 2) / 3;
  const legendRows = Math.max(...panels.map(({ legend }) => legendLines(legend, widthPx).length));
  const headPx = 26 + legendRows * legendLinePx;
  const place = (index: number) => ({
    x: marginPx + namePx + index * (widthPx + gapPx),
    ...{ y: marginPx, widthPx, headPx, rowPx },
  });
  const height = marginPx * 2 + headPx + schemes.length * rowPx + axisPx;
  return figureText({ width: width.twoColumns, height }, [
    ...stripes(schemes.length, headPx),
    ...schemes.flatMap((scheme, row) => schemeName(scheme, marginPx + headPx + (row + 0.5) * rowPx)),
    ...panels.map((panel, index) => drawBarPanel(panel, place(index))),
  ]);
}

const marginPx = 10;
const gapPx = 20;
const rowPx = 30;

/** A faint band behind every other row leads the eye from the name to the bars. */
function stripes(rows: number, headPx: number): string[] {
  const place = { x: marginPx / 2, width: width.twoColumns - marginPx, height: rowPx, fill: colour.band };
  return Array.from({ length: rows }, (_, row) => row)
    .filter((row) => row % 2 === 0)
    .map((row) => svg('rect', { ...place, y: marginPx + headPx + row * rowPx }, []));
}

/** The scheme's name, and under it how much of it is assumed. */
function schemeName({ scheme, fields, fields_assumed }: RunSummary, y: number): string[] {
  if (fields === 0) return [svgText(scheme, { x: marginPx, y: y + 3, 'font-size': fontSize.label })];
  return [
    svgText(scheme, { x: marginPx, y: y - 1, 'font-size': fontSize.label }),
    svgText(`${fields_assumed} of ${fields} assumed`, {
      ...{ x: marginPx, y: y + 9.5, 'font-size': fontSize.note, fill: colour.faint },
    }),
  ];
}

const pauseLegend: readonly LegendEntry[] = [
  { label: 'memory, devices', fill: colour.blue },
  { label: 'context alone', fill: colour.orange },
  { label: 'other', fill: colour.grey },
];

function downtimePanel(schemes: readonly RunSummary[]): BarPanel {
  const medianMs = (scheme: RunSummary, field: (migration: MigrationSummary) => number | null): number =>
    quantile(
      scheme.migrations.map(field).filter((value) => value !== null),
      0.5,
    ) ?? 0;
  const partsMs = schemes.map((scheme) => [
    medianMs(scheme, ({ memory_stop_ms }) => memory_stop_ms),
    medianMs(scheme, ({ context_stop_ms }) => context_stop_ms),
    medianMs(scheme, ({ other_stop_ms }) => other_stop_ms),
  ]);
  const totalsMs = partsMs.map((parts) => parts.reduce((sum, part) => sum + part, 0));
  const unit = timeUnit(totalsMs);
  const legend = pauseLegend.filter((_, part) => part < 2 || partsMs.some((parts) => parts[part]! > 0));
  return {
    ...{ title: 'Downtime', legend, rows: schemes.map(({ scheme }) => scheme), maximum: null },
    axisLabel: schemes.some(({ migrations }) => migrations.length > 1) ? `${unit.name}, median` : unit.name,
    tickFormat: (value) => String(value),
    lanes: [
      schemes.flatMap(({ scheme }, row) =>
        stacked(
          scheme,
          partsMs[row]!.map((part) => part / unit.size),
          legend,
        ),
      ),
    ],
    labels: schemes.map(({ scheme, migrations }, row) => ({
      ...{ row: scheme, lane: 0, end: totalsMs[row]! / unit.size },
      text: downtimeLabel(migrations, totalsMs[row]! / unit.size),
    })),
  };
}

function downtimeLabel(migrations: readonly MigrationSummary[], total: number): string {
  if (migrations.length === 0) return 'no move';
  return migrations.some(({ outcome }) => outcome === 'completed') ? threeDigits(total) : 'not completed';
}

const outcomes: readonly (LegendEntry & { readonly field: keyof ConnectionCounts })[] = [
  { field: 'untouched', label: 'untouched', fill: colour.lightGreen },
  { field: 'stalled', label: 'stalled', fill: colour.skyBlue },
  { field: 'reconnected', label: 'reconnected', fill: colour.yellow },
  { field: 'reset', label: 'reset', fill: colour.orange },
  { field: 'half_open', label: 'half-open', fill: colour.purple },
  { field: 'latent_dead', label: 'latent-dead', fill: colour.black },
  { field: 'hung', label: 'hung', fill: colour.darkVermillion },
  { field: 'unresolved', label: 'unresolved', fill: colour.grey },
];

function connectionPanel(schemes: readonly RunSummary[]): BarPanel {
  const legend = outcomes.filter(({ field }) => schemes.some(({ connections }) => connections[field] > 0));
  const totals = [...new Set(schemes.map(({ connections }) => connections.total))];
  return {
    ...{ title: 'Connections', legend, rows: schemes.map(({ scheme }) => scheme), maximum: 100, labels: [] },
    axisLabel: totals.length === 1 ? `% of ${wholeNumber(totals[0]!)}` : '%',
    tickFormat: (value) => String(value),
    lanes: [
      schemes.flatMap(({ scheme, connections }) =>
        stacked(
          scheme,
          legend.map(({ field }) => (100 * connections[field]) / Math.max(1, connections.total)),
          legend,
        ),
      ),
    ],
  };
}

function exposurePanel(schemes: readonly RunSummary[]): BarPanel {
  const legend = [
    { label: 'attacks delivered', fill: colour.orange },
    { label: 'legitimate dropped', fill: colour.blue },
  ];
  const lanes = [
    schemes.map(({ exposure }) => exposure.attacks_delivered),
    schemes.map(({ exposure }) => exposure.legitimate_dropped),
  ];
  return {
    ...{ title: 'Wrong verdicts', legend, rows: schemes.map(({ scheme }) => scheme), maximum: null },
    axisLabel: 'packets',
    tickFormat: shortCount,
    lanes: lanes.map((counts, lane) =>
      schemes.map(({ scheme }, row) => ({
        ...{ row: scheme, start: 0, end: counts[row]!, fill: legend[lane]!.fill },
      })),
    ),
    labels: lanes.flatMap((counts, lane) =>
      schemes.map(({ scheme }, row) => ({
        ...{ row: scheme, lane, end: counts[row]!, text: wholeNumber(counts[row]!) },
      })),
    ),
  };
}

function stacked(row: string, lengths: readonly number[], legend: readonly LegendEntry[]): BarPart[] {
  let start = 0;
  return lengths.map((length, index) => {
    const part = { row, start, end: start + length, fill: legend[index]?.fill ?? colour.grey };
    start += length;
    return part;
  });
}

/** 2000 as 2k: ticks stay short. */
function shortCount(value: number): string {
  if (!Number.isInteger(value)) return '';
  if (Math.abs(value) >= 1e6) return `${value / 1e6}M`;
  return Math.abs(value) >= 1000 ? `${value / 1000}k` : String(value);
}
