import type * as Plot from '@observablehq/plot';
import { drawPlot } from './draw-plot.ts';
import { colour, figureText, fontFamily, fontSize, width } from './figure-theme.ts';
import { drawLegend, legendLinePx, legendLines } from './legend.ts';
import type { LegendEntry } from './legend.ts';
import { svgText } from './svg.ts';
import { wrapText } from './wrap-text.ts';

/** What every figure of one plot has around it. */
export interface FrameRequest {
  readonly title: string;
  readonly widthPx: number;
  /** Entries above the plot; none when there is one series alone. */
  readonly legend: readonly LegendEntry[];
  /** What stands beneath, in small type: how the figures came to be. */
  readonly note: string;
}

const marginPx = 8;
const titlePx = 16;
const noteLinePx = 10;
const marginLeftPx = 46;
const marginRightPx = 10;

/** One plot with a title, a legend and a note. `plot` gets the size that is left for it. */
export function frameFigure(
  request: FrameRequest,
  plot: (size: { readonly width: number; readonly height: number }) => Omit<Plot.PlotOptions, 'document'>,
): string {
  const innerPx = request.widthPx - 2 * marginPx;
  const legendPx = legendLines(request.legend, innerPx).length * legendLinePx;
  const plotPx = Math.round(innerPx * (request.widthPx > width.oneColumn ? 0.42 : 0.62));
  const top = marginPx + titlePx + legendPx + 4;
  const note = wrapText(request.note, innerPx, fontSize.note);
  const notePx = 2 + note.length * noteLinePx;
  const height = top + plotPx + notePx + marginPx;
  return figureText({ width: request.widthPx, height }, [
    svgText(request.title, {
      x: marginPx,
      y: marginPx + 10,
      'font-size': fontSize.title,
      'font-weight': 'bold',
    }),
    drawLegend(request.legend, { x: marginPx, y: marginPx + titlePx, widthPx: innerPx }),
    drawPlot(plot({ width: innerPx, height: plotPx }), { x: marginPx, y: top }),
    ...note.map((line, i) =>
      svgText(line, {
        ...{ x: marginPx, y: height - marginPx + 1 - (note.length - 1 - i) * noteLinePx },
        ...{ 'font-size': fontSize.note, fill: colour.faint },
      }),
    ),
  ]);
}

/** Width of what lies between the axes of a figure that is so wide, CSS pixels. */
export function plotWidthPx(widthPx: number): number {
  return widthPx - 2 * marginPx - marginLeftPx - marginRightPx;
}

/** Plot options that all figures share: type, margins, an axis label at the end of each axis. */
export function frameOptions(size: { readonly width: number; readonly height: number }): Plot.PlotOptions {
  return {
    ...size,
    ...{ marginLeft: marginLeftPx, marginRight: marginRightPx, marginTop: 20, marginBottom: 36 },
    style: { fontFamily, fontSize: `${fontSize.note}px`, color: colour.ink, overflow: 'visible' },
  };
}
