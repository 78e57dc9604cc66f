import * as Plot from '@observablehq/plot';
import { drawPlot } from './draw-plot.ts';
import { colour, fontFamily, fontSize } from './figure-theme.ts';
import { drawLegend } from './legend.ts';
import type { LegendEntry } from './legend.ts';
import { svg, svgText } from './svg.ts';
import { textWidth } from './text-width.ts';

/** One coloured stretch of a bar. */
export interface BarPart {
  readonly row: string;
  readonly start: number;
  readonly end: number;
  readonly fill: string;
}

/** Text at the end of a bar. */
export interface BarLabel {
  readonly row: string;
  readonly end: number;
  readonly text: string;
  /** Which of the bars of a row it belongs to, from 0. */
  readonly lane: number;
}

/** Horizontal bars, one or more lanes for each row, with a title, a legend and labels at the ends of the bars. */
export interface BarPanel {
  readonly title: string;
  readonly legend: readonly LegendEntry[];
  readonly axisLabel: string;
  readonly rows: readonly string[];
  /** Bars of each lane; a row has as many lanes as this list. */
  readonly lanes: readonly (readonly BarPart[])[];
  readonly labels: readonly BarLabel[];
  /** Right end of the axis, in the units of the bars; null to fit them. */
  readonly maximum: number | null;
  readonly tickFormat: (value: number) => string;
}

export interface PanelPlace {
  readonly x: number;
  readonly y: number;
  readonly widthPx: number;
  /** Room for title and legend above the bars, and for each row of them. */
  readonly headPx: number;
  readonly rowPx: number;
}

/** Room below the bars for ticks and the axis label. */
export const axisPx = 34;

/** Draws a panel as a group. */
export function drawBarPanel(panel: BarPanel, place: PanelPlace): string {
  const { x, y, widthPx, headPx, rowPx } = place;
  const belowPx = headPx + panel.rows.length * rowPx;
  return svg('g', {}, [
    svgText(panel.title, { x, y: y + 11, 'font-size': fontSize.title, 'font-weight': 'bold' }),
    drawLegend(panel.legend, { x, y: y + 20, widthPx }),
    drawPlot(barPlot(panel, place), { x, y: y + headPx }),
    svgText(panel.axisLabel, {
      x,
      y: y + belowPx + axisPx - 4,
      'font-size': fontSize.note,
      fill: colour.faint,
    }),
  ]);
}

function barPlot(panel: BarPanel, { widthPx, rowPx }: PanelPlace): Plot.PlotOptions {
  const laneCount = panel.lanes.length;
  const lanePx = (rowPx * 0.62) / laneCount;
  const freePx = rowPx - lanePx * laneCount;
  const widestLabel = Math.max(0, ...panel.labels.map(({ text }) => textWidth(text, fontSize.note)));
  const largest = Math.max(0, ...panel.lanes.flat().map(({ end }) => end));
  return {
    width: widthPx,
    height: panel.rows.length * rowPx + axisPx,
    ...{ marginLeft: 1, marginRight: panel.labels.length === 0 ? 1 : widestLabel + 8 },
    ...{ marginTop: 0, marginBottom: axisPx },
    style: { fontFamily, fontSize: `${fontSize.note}px`, color: colour.ink },
    x: {
      domain: [0, panel.maximum ?? (largest === 0 ? 1 : largest)],
      ...{ ticks: 4, label: null, tickSize: 3, nice: panel.maximum === null && largest > 0 },
      tickFormat: panel.tickFormat,
    },
    y: { domain: [...panel.rows], axis: null, padding: 0 },
    marks: [
      Plot.gridX({ ticks: 4, stroke: colour.rule, strokeOpacity: 1 }),
      ...panel.lanes.map((parts, lane) =>
        Plot.barX([...parts], {
          ...{ x1: 'start', x2: 'end', y: 'row', fill: 'fill' },
          insetTop: freePx / 2 + lane * lanePx,
          insetBottom: freePx / 2 + (laneCount - 1 - lane) * lanePx,
        }),
      ),
      Plot.ruleX([0], { stroke: colour.faint }),
      ...panel.lanes.map((_, lane) => laneLabels(panel, lane, lanePx)),
    ],
  };
}

/** Labels at the ends of one lane's bars; a white edge keeps grid lines off the digits. */
function laneLabels(panel: BarPanel, lane: number, lanePx: number): Plot.Markish {
  return Plot.text(
    panel.labels.filter((label) => label.lane === lane),
    {
      ...{ x: 'end', y: 'row', text: 'text', textAnchor: 'start', dx: 4 },
      dy: (lane - (panel.lanes.length - 1) / 2) * lanePx,
      ...{ fill: colour.ink, stroke: 'white', strokeWidth: 2 },
    },
  );
}
