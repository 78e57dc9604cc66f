import * as Plot from '@observablehq/plot';
import { linearAxis, logAxis, logDomain, valueAxis } from './figure-axis.ts';
import type { FigureAxis } from './figure-axis.ts';
import { frameOptions } from './figure-frame.ts';
import { shownNumber } from './figure-number.ts';
import { colour, fontSize } from './figure-theme.ts';
import { markedPoints } from './marked-points.ts';
import { yesOrNo } from './paper-figure.ts';
import type { FigurePoint, PanelDesign } from './paper-figure.ts';
import { textWidth } from './text-width.ts';
import { seriesStyle } from './series-style.ts';
import type { SeriesStyle } from './series-style.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Left and right of a plot, CSS pixels: {@link frameOptions}. */
export const barMarginsPx = 56;

type Drawn = Omit<Plot.PlotOptions, 'document'>;

/** One panel of a figure; `names` gives each series its style, the same in all panels. */
export function panelPlot(
  panel: PanelDesign,
  points: readonly FigurePoint[],
  names: readonly string[],
  size: Size,
): Drawn {
  const series = names
    .map((name, index) => ({ name, style: seriesStyle(index) }))
    .filter(({ name }) => points.some((point) => point.series === name));
  switch (panel.form) {
    case 'lines':
    case 'points':
    case 'steps':
      return linesPlot(panel, points, series, size);
    case 'bars':
      return barsPlot(panel, points, series, size);
    case 'scatter':
      return scatterPlot(panel, points, series, size);
    case 'matrix':
      return matrixPlot(panel, points, size);
  }
}

interface Series {
  readonly name: string;
  readonly style: SeriesStyle;
}

function linesPlot(
  panel: PanelDesign,
  points: readonly FigurePoint[],
  series: readonly Series[],
  size: Size,
): Drawn {
  const curve = panel.form === 'steps' ? 'step-after' : 'linear';
  const x = valueAxis('x', panel.xLabel, panel.logX ? points.map((point) => Number(point.x)) : null);
  const y = valueAxis('y', panel.yLabel, panel.logY ? points.map((point) => point.y) : null);
  return {
    ...frameOptions(size),
    x: { ...x.scale, ...wholeTicks(points) },
    y: { ...y.scale, grid: true },
    marks: [
      ...x.marks,
      ...y.marks,
      ...(panel.logY ? [] : [Plot.ruleY([0], { stroke: colour.faint, strokeWidth: 0.5 })]),
      ...series.flatMap(({ name, style }) => {
        const own = points.filter((point) => point.series === name);
        const ours = own.filter(({ what }) => what === 'simulated');
        const line = { x: 'x', y: 'y', stroke: style.stroke, strokeDasharray: style.dash, curve } as const;
        return [
          ...(panel.form === 'points' ? [] : [Plot.line(ours, { ...line, strokeWidth: 1.3 })]),
          boundLine(own),
          Plot.text(panel.form === 'points' ? ours : markedPoints(ours), {
            ...{ x: 'x', y: 'y', text: () => style.symbol, fill: style.stroke, fontSize: 8 },
          }),
          published(own, style, { x: 'x', y: 'y' }),
        ];
      }),
    ],
  };
}

function boundLine(points: readonly FigurePoint[]): Plot.Markish {
  const bound = points.filter(({ what }) => what === 'bound');
  return Plot.line(bound, { x: 'x', y: 'y', stroke: colour.ink, strokeWidth: 0.9, strokeDasharray: '3 2' });
}

/** Published points are rings, never lines; small where there are many. */
function published(
  points: readonly FigurePoint[],
  { stroke }: SeriesStyle,
  channels: Readonly<Record<string, string>>,
): Plot.Markish {
  const printed = points.filter(({ what }) => what === 'published');
  const r = printed.length > 40 ? 1.6 : 3.2;
  return Plot.dot(printed, { ...channels, r, stroke, fill: 'white', fillOpacity: 0.6, strokeWidth: 1.2 });
}

/** Beside the number on its bar, and black: a ring of the bar's colour would not be seen on it. */
function publishedBars(points: readonly FigurePoint[], place: object, barPx: number): Plot.Markish {
  const printed = points.filter(({ what }) => what === 'published');
  const dx = Math.max(0, Math.min(barPx / 2 - 4, 18));
  return Plot.dot(printed, { ...place, dx, r: 3.2, stroke: colour.ink, fill: 'white', strokeWidth: 1.2 });
}

function barsPlot(
  panel: PanelDesign,
  points: readonly FigurePoint[],
  series: readonly Series[],
  size: Size,
): Drawn {
  const categories = [...new Set(points.map(({ x }) => String(x)))];
  const styleOf = new Map(series.map(({ name, style }) => [name, style]));
  const fill = (point: FigurePoint): string => styleOf.get(point.series)?.stroke ?? colour.ink;
  const place = { fx: 'x', x: 'series', y: 'y' } as const;
  const ours = points.filter(({ what }) => what !== 'published');
  const barPx = (size.width - barMarginsPx) / categories.length / (series.length + 0.6);
  const y = valueAxis('y', panel.yLabel, panel.logY ? points.map((point) => point.y) : null);
  const named = panel.xLabel !== '';
  // Tilted by 35 degrees; their sine is 0.57.
  const tilted = widestOf(categories) > (size.width - barMarginsPx) / categories.length - 3;
  const symbolsPx = series.length > 1 ? 9 : 0;
  return {
    ...frameOptions(size),
    marginBottom: (named ? 36 : 20) + symbolsPx + (tilted ? 0.57 * widestOf(categories) : 0),
    fx: { axis: null, type: 'band', domain: categories, padding: 0.12 },
    x: { axis: null, type: 'band', domain: series.map(({ name }) => name), padding: 0.1 },
    y: { ...y.scale, grid: true },
    marks: [
      ...y.marks,
      Plot.axisFx({
        ...{ label: named ? panel.xLabel : null, anchor: 'bottom', tickPadding: 6 + symbolsPx },
        tickRotate: tilted ? -35 : 0,
      }),
      ...(series.length > 1 ? symbolsBelow(categories, series) : []),
      ...(panel.logY ? [] : [Plot.ruleY([0], { stroke: colour.faint, strokeWidth: 0.5 })]),
      Plot.barY(ours, { ...place, fill }),
      ...(numbersFit(ours, barPx, ours.length < points.length)
        ? [Plot.text(ours, { ...place, text: numberOn, dy: -5, fontSize: fontSize.note })]
        : []),
      publishedBars(points, place, barPx),
    ],
  };
}

function numberOn({ y }: FigurePoint): string {
  return shownNumber(y);
}

/** Whether each bar has room for its number, and beside it for the ring of a published one where there are some. */
function numbersFit(bars: readonly FigurePoint[], barPx: number, beside: boolean): boolean {
  return barPx >= Math.max(widestOf(bars.map(numberOn)) + 3, beside ? 40 : 17);
}

/** Under each bar the symbol of its series: colours of bars are alike in grey, and a bar of 0 is none. */
function symbolsBelow(categories: readonly string[], series: readonly Series[]): Plot.Markish[] {
  return series.map(({ name, style }) =>
    Plot.text(
      categories.map((x) => ({ x, series: name })),
      {
        ...{ fx: 'x', x: 'series', text: () => style.symbol, fill: style.stroke, fontSize: 6.5 },
        ...{ frameAnchor: 'bottom', dy: 9 },
      },
    ),
  );
}

function widestOf(names: readonly string[]): number {
  return Math.max(...names.map((name) => textWidth(name, fontSize.note)));
}

function pointsOf(points: readonly FigurePoint[], series: string): FigurePoint[] {
  return points.filter((point) => point.series === series);
}

function scatterPlot(
  panel: PanelDesign,
  points: readonly FigurePoint[],
  series: readonly Series[],
  size: Size,
): Drawn {
  const values = points.flatMap(({ x, y }) => [Number(x), y]);
  // Both axes have the same domain, so that the diagonal runs from corner to corner.
  const most = values.reduce((a, b) => Math.max(a, b)) * 1.05;
  const domain = panel.logX ? logDomain(values).domain : ([0, most] as const);
  const ends = domain.map((value) => ({ x: value, y: value }));
  const axisAt = (side: 'x' | 'y', label: string): FigureAxis =>
    panel.logX ? logAxis(side, label, values) : linearAxis(label, { zero: false, ticks: 5 });
  const x = axisAt('x', panel.xLabel);
  const y = axisAt('y', panel.yLabel);
  return {
    ...frameOptions(size),
    x: { ...x.scale, domain, nice: false },
    y: { ...y.scale, domain, nice: false, grid: true },
    marks: [
      ...x.marks,
      ...y.marks,
      Plot.line(ends, { x: 'x', y: 'y', stroke: colour.faint, strokeWidth: 0.8, strokeDasharray: '4 2' }),
      ...series.map(({ name, style }) =>
        Plot.text(pointsOf(points, name), {
          ...{ x: 'x', y: 'y', text: () => style.symbol, fill: style.stroke, fontSize: 8, fillOpacity: 0.8 },
        }),
      ),
    ],
  };
}

/** Shares in %: what was measured, and after a stroke what was simulated where it differs. */
function matrixPlot(panel: PanelDesign, points: readonly FigurePoint[], size: Size): Drawn {
  const columns = [...new Set(points.map(({ x }) => String(x)))];
  const rows = [...new Set(points.map(({ series }) => series))];
  const key = ({ series, x }: FigurePoint): string => JSON.stringify([series, x]);
  const ours = new Map(
    points.filter(({ what }) => what === 'simulated').map((point) => [key(point), point.y]),
  );
  const measured = points.filter(({ what }) => what !== 'simulated');
  // Without anything measured the simulated shares stand alone.
  const shown = measured.length > 0 ? measured : points;
  const cells = shown.map((point) => ({ ...point, simulated: ours.get(key(point)) ?? NaN }));
  const differs = cells.filter(({ y, simulated }) => Math.round(100 * y) !== Math.round(100 * simulated));
  const said = (share: number): string =>
    panel.yLabel === yesOrNo ? (share > 0 ? 'yes' : 'no') : String(Math.round(100 * share));
  const place = { x: 'x', y: 'series' } as const;
  const { marginLeft, tilted, marginBottom } = matrixMargins(points, size.width);
  return {
    ...frameOptions(size),
    ...{ marginLeft, marginTop: 4, marginBottom },
    x: {
      label: panel.xLabel,
      type: 'band',
      domain: columns,
      tickRotate: tilted ? -40 : 0,
      labelArrow: 'none',
    },
    y: { label: null, type: 'band', domain: rows },
    color: { type: 'linear', domain: [0, 1], range: ['#F3F3F3', colour.skyBlue] },
    marks: [
      Plot.cell(cells, { ...place, fill: 'y', inset: 0.5 }),
      Plot.cell(differs, { ...place, fill: 'none', stroke: colour.vermillion, strokeWidth: 1.6, inset: 1 }),
      Plot.text(
        cells.filter((cell) => !differs.includes(cell)),
        { ...place, fontSize: fontSize.note, text: ({ y }: FigurePoint) => said(y) },
      ),
      Plot.text(differs, {
        ...{ ...place, fontSize: fontSize.note, lineHeight: 1.05 },
        text: ({ y, simulated }: (typeof cells)[number]) =>
          [said(y), said(simulated)].join(twoLines(points, size.width) ? '/\n' : '/'),
      }),
    ],
  };
}

/** Height of a matrix's line, CSS pixels. */
export function matrixLinePx(points: readonly FigurePoint[], widthPx: number): number {
  return twoLines(points, widthPx) ? 23 : 16;
}

/** Whether cells are too narrow for two shares beside each other, and some have two. */
function twoLines(points: readonly FigurePoint[], widthPx: number): boolean {
  const both =
    points.some(({ what }) => what === 'simulated') && points.some(({ what }) => what !== 'simulated');
  const columns = new Set(points.map(({ x }) => x)).size;
  const cellPx = (widthPx - matrixMargins(points, widthPx).marginLeft - 10) / columns;
  return both && cellPx < textWidth('100/100', fontSize.note);
}

/** What the names of a matrix take: those of its lines at the left, those of its columns below, tilted where they are long. */
export function matrixMargins(
  points: readonly FigurePoint[],
  widthPx: number,
): { readonly marginLeft: number; readonly tilted: boolean; readonly marginBottom: number } {
  const columns = [...new Set(points.map(({ x }) => String(x)))];
  const marginLeft = widestOf(points.map(({ series }) => series)) + 14;
  const tilted = widestOf(columns) > (widthPx - marginLeft - 10) / columns.length - 4;
  // Tilted by 40 degrees; their sine is 0.64.
  return { marginLeft, tilted, marginBottom: tilted ? 18 + 0.64 * widestOf(columns) : 20 };
}

/** Few whole numbers, such as rounds, have a tick each and none between them. */
function wholeTicks(points: readonly FigurePoint[]): Plot.ScaleOptions {
  const values = [...new Set(points.map(({ x }) => Number(x)))];
  return values.length <= 6 && values.every((x) => Number.isInteger(x) && x < 20) ? { ticks: values } : {};
}
