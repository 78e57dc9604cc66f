import { drawPlot } from './draw-plot.ts';
import { colour, figureText, fontSize, width } from './figure-theme.ts';
import { drawLegend, legendLinePx, legendLines } from './legend.ts';
import type { LegendEntry } from './legend.ts';
import type { FigureDesign, FigurePoint, PanelDesign, PanelForm } from './paper-figure.ts';
import { barMarginsPx, matrixLinePx, matrixMargins, panelPlot } from './panel-plot.ts';
import { seriesStyle } from './series-style.ts';
import { svg, svgText } from './svg.ts';
import { wrapText } from './wrap-text.ts';

const marginPx = 8;
const titlePx = 18;
const panelTitlePx = 12;
const gapPx = 10;
const badgeLinePx = 10;

/** Draws a figure of a paper two columns wide: its panels, a legend, and the badge at its foot. SVG text. */
export function drawPaperFigure(design: FigureDesign, points: readonly FigurePoint[]): string {
  const innerPx = width.twoColumns - 2 * marginPx;
  const names = seriesNames(design, points);
  const legend = legendOf(
    design,
    names,
    points.filter(({ series }) => names.includes(series)),
  );
  const legendPx = legendLines(legend, innerPx).length * legendLinePx;
  const badge = wrapText(badgeText(design, points), innerPx, fontSize.note);
  const top = marginPx + titlePx + legendPx + 4;
  const boxes = layOut(design.panels, points, { top, innerPx });
  const bottom = Math.max(...boxes.map(({ y, heightPx }) => y + heightPx)) + 6;
  const height = bottom + badge.length * badgeLinePx + marginPx;
  return figureText({ width: width.twoColumns, height }, [
    svgText(design.title, {
      ...{ x: marginPx, y: marginPx + 10, 'font-size': fontSize.title, 'font-weight': 'bold' },
    }),
    drawLegend(legend, { x: marginPx, y: marginPx + titlePx, widthPx: innerPx }),
    ...boxes.flatMap((box) => drawPanel(box, points, names)),
    svg('line', { x1: marginPx, x2: marginPx + innerPx, y1: bottom, y2: bottom, stroke: colour.rule }, []),
    ...badge.map((line, i) =>
      svgText(line, {
        ...{ x: marginPx, y: bottom + (i + 1) * badgeLinePx, 'font-size': fontSize.note },
        fill: colour.faint,
      }),
    ),
  ]);
}

interface Box {
  readonly panel: PanelDesign;
  readonly x: number;
  readonly y: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Up to three panels side by side, four and more two by two. A table has a row for each of its lines. */
function layOut(
  panels: readonly PanelDesign[],
  points: readonly FigurePoint[],
  { top, innerPx }: { readonly top: number; readonly innerPx: number },
): Box[] {
  const matrix = panels.some(({ form }) => form === 'matrix');
  const columns = matrix ? 1 : panels.length <= 3 ? panels.length : 2;
  const widths = panelWidths(panels, points, columns, innerPx - (columns - 1) * gapPx);
  let x = marginPx;
  let y = top;
  return panels.map((panel, i) => {
    const own = points.filter((point) => point.panel === panel.name);
    const widthPx = widths[i] ?? 0;
    const heightPx = panel.form === 'matrix' ? matrixPx(own, widthPx) : columns === 1 ? 230 : 220;
    const box = { panel, x, y, widthPx, heightPx };
    x += widthPx + gapPx;
    if (i % columns === columns - 1) {
      x = marginPx;
      y += heightPx + gapPx;
    }
    return box;
  });
}

/** The same width for all panels, but where all have bars: the more bars, the wider. */
function panelWidths(
  panels: readonly PanelDesign[],
  points: readonly FigurePoint[],
  columns: number,
  roomPx: number,
): number[] {
  const oneLine = columns === panels.length && panels.every(({ form }) => form === 'bars');
  const weights = panels.map(({ name }) => {
    const own = points.filter(({ panel, what }) => panel === name && what !== 'published');
    return oneLine ? Math.sqrt(Math.max(1, own.length)) : 1;
  });
  const sum = oneLine ? weights.reduce((total, weight) => total + weight, 0) : columns;
  const plotsPx = roomPx - columns * barMarginsPx;
  return weights.map((weight) => Math.floor(barMarginsPx + (plotsPx * weight) / sum));
}

function matrixPx(points: readonly FigurePoint[], widthPx: number): number {
  if (points.length === 0) return 60;
  const lines = new Set(points.map(({ series }) => series)).size;
  return (
    panelTitlePx + 4 + lines * matrixLinePx(points, widthPx) + matrixMargins(points, widthPx).marginBottom
  );
}

function drawPanel(box: Box, points: readonly FigurePoint[], names: readonly string[]): string[] {
  const { panel, x, y, widthPx, heightPx } = box;
  const own = points.filter((point) => point.panel === panel.name);
  const size = { width: widthPx, height: heightPx - panelTitlePx };
  const title = svgText(panel.name, {
    ...{ x: x + 2, y: y + 8, 'font-size': fontSize.label, 'font-weight': 'bold' },
  });
  if (own.length > 0)
    return [title, drawPlot(panelPlot(panel, own, names, size), { x, y: y + panelTitlePx })];
  // A panel without a point says so: an empty frame would look like a measurement of nothing.
  return [
    title,
    svgText('no data', {
      x: x + widthPx / 2,
      y: y + heightPx / 2,
      'text-anchor': 'middle',
      fill: colour.faint,
    }),
  ];
}

/** Series in the order of their first point; the lines of a table are named at its side, not in the legend. */
function seriesNames(design: FigureDesign, points: readonly FigurePoint[]): string[] {
  const named = points.filter(
    (point) => design.panels.find(({ name }) => name === point.panel)?.form !== 'matrix',
  );
  return [...new Set(named.map(({ series }) => series))];
}

/** Lines where a series is drawn as one, its symbol alone where it is points or several bars, a square for one bar. */
function legendOf(
  { panels }: FigureDesign,
  names: readonly string[],
  points: readonly FigurePoint[],
): LegendEntry[] {
  const formsOf = (label: string): readonly PanelForm[] =>
    panels
      .filter(({ name }) => points.some(({ series, panel }) => series === label && panel === name))
      .map(({ form }) => form);
  const entries = names.map((label, index): LegendEntry => {
    const { stroke, symbol, dash } = seriesStyle(index);
    const bound = points.every(({ series, what }) => series !== label || what === 'bound');
    if (bound) return { label, fill: colour.ink, line: { symbol: '', dash: '3 2' } };
    const forms = formsOf(label);
    if (forms.some((form) => form === 'lines' || form === 'steps'))
      return { label, fill: stroke, line: { symbol, dash } };
    if (names.length === 1 && forms.every((form) => form === 'bars')) return { label, fill: stroke };
    return { label, fill: stroke, line: { symbol, dash: null } };
  });
  const published = points.some(({ what }) => what === 'published');
  if (!published) return entries;
  return [...entries, { label: 'published', fill: colour.ink, line: { symbol: '○', dash: null } }];
}

/** What the figure rests on, and where its published points come from. */
function badgeText({ badge }: FigureDesign, points: readonly FigurePoint[]): string {
  const printed = points.filter(({ what }) => what === 'published').map(({ source }) => source);
  const sources = [...new Set(printed)];
  return sources.length === 0 ? badge : `${badge} Published points: ${sources.join('; ')}.`;
}
