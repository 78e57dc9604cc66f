import * as Plot from '@observablehq/plot';
import { afterMs, beforeMs } from '../pause-timeline.ts';
import type { PauseTimeline, TimelineBin } from '../pause-timeline.ts';
import { drawPlot } from './draw-plot.ts';
import { colour, figureText, fontFamily, fontSize, width } from './figure-theme.ts';
import { drawLegend, legendLinePx, legendLines } from './legend.ts';
import { svgText } from './svg.ts';
import { textWidth } from './text-width.ts';

const marginPx = 10;
const rowPx = 60;
const axisPx = 34;

/**
 * A row for each scheme on one axis of time, 0 when the guest stops: packets that reached the guest upwards, packets
 * dropped on their way to or from it downwards; the pause is shaded. SVG text; the same rows, the same bytes.
 */
export function drawPauseTimelines(timelines: readonly PauseTimeline[]): string {
  const namePx = Math.max(60, ...timelines.map(({ scheme }) => textWidth(scheme, fontSize.label))) + 12;
  const plotPx = width.twoColumns - 2 * marginPx - namePx;
  const headPx = 28 + legendLines(legend, plotPx).length * legendLinePx;
  const height = 2 * marginPx + headPx + timelines.length * rowPx + axisPx;
  const bins = timelines.flatMap((timeline) => timeline.bins);
  const up = Math.max(1, ...bins.map(({ legitimate, attacks }) => legitimate + attacks));
  const down = Math.max(1, ...bins.map(allDropped));
  const x = marginPx + namePx;
  const binMs = bins[0] === undefined ? 0 : Math.round(bins[0].endMs - bins[0].startMs);
  return figureText({ width: width.twoColumns, height }, [
    svgText('Around the pause', { x, y: marginPx + 11, 'font-size': fontSize.title, 'font-weight': 'bold' }),
    drawLegend(legend, { x, y: marginPx + 20, widthPx: plotPx }),
    ...timelines.flatMap((timeline, row) => {
      const y = marginPx + headPx + row * rowPx;
      return [
        svgText(timeline.scheme, { x: marginPx, y: y + rowPx / 2 + 3, 'font-size': fontSize.label }),
        drawPlot(rowPlot(timeline, { plotPx, up, down, last: row === timelines.length - 1 }), { x, y }),
      ];
    }),
    svgText(`ms since the guest stopped; packets in ${binMs} ms, delivered upwards, dropped downwards`, {
      ...{ x, y: height - marginPx - 2, 'font-size': fontSize.note, fill: colour.faint },
    }),
  ]);
}

interface Layer {
  readonly label: string;
  readonly fill: string;
  readonly count: (bin: TimelineBin) => number;
}

/** Stacked from the line upwards, and from the line downwards. */
const delivered: readonly Layer[] = [
  { label: 'legitimate, delivered', fill: colour.green, count: (bin) => bin.legitimate },
  { label: 'attack, delivered', fill: colour.vermillion, count: (bin) => bin.attacks },
];
const dropped: readonly Layer[] = [
  { label: 'legitimate, dropped by an engine', fill: colour.blue, count: (bin) => bin.legitimateDropped },
  { label: 'attack, dropped', fill: colour.skyBlue, count: (bin) => bin.attacksDropped },
  { label: 'lost otherwise', fill: colour.grey, count: (bin) => bin.lostOtherwise },
];
const legend = [...delivered, ...dropped, { label: 'pause', fill: colour.shade }];

function allDropped(bin: TimelineBin): number {
  return dropped.reduce((sum, { count }) => sum + count(bin), 0);
}

interface RowFrame {
  readonly plotPx: number;
  /** Largest number of packets a bin upwards and downwards, over all rows. */
  readonly up: number;
  readonly down: number;
  readonly last: boolean;
}

function rowPlot(
  { bins, downtimeMs }: PauseTimeline,
  { plotPx, up, down, last }: RowFrame,
): Plot.PlotOptions {
  const pause = [{ x1: 0, x2: Math.min(downtimeMs, afterMs) }];
  return {
    width: plotPx,
    height: rowPx + (last ? axisPx : 0),
    ...{ marginLeft: 24, marginRight: 8, marginTop: 6, marginBottom: last ? axisPx + 6 : 6 },
    style: { fontFamily, fontSize: `${fontSize.note}px`, color: colour.ink },
    x: { domain: [beforeMs, afterMs], ...(last ? { label: null, tickSize: 3, ticks: 8 } : { axis: null }) },
    y: { domain: [-down, up], label: null, ticks: [0, up], tickSize: 2 },
    marks: [
      Plot.rect(pause, { x1: 'x1', x2: 'x2', y1: -down, y2: up, fill: colour.shade }),
      ...stack(bins, delivered, 1),
      ...stack(bins, dropped, -1),
      Plot.ruleY([0], { stroke: colour.faint, strokeWidth: 0.5 }),
    ],
  };
}

/** One mark for each layer, on top of those before it. */
function stack(bins: readonly TimelineBin[], layers: readonly Layer[], sign: 1 | -1): Plot.Markish[] {
  return layers.map(({ fill, count }, index) => {
    const below = (bin: TimelineBin): number =>
      layers.slice(0, index).reduce((sum, layer) => sum + layer.count(bin), 0);
    return Plot.rect(
      bins.filter((bin) => count(bin) > 0),
      {
        ...{ x1: 'startMs', x2: 'endMs', insetLeft: 0.25, insetRight: 0.25, fill },
        y1: (bin: TimelineBin) => sign * below(bin),
        y2: (bin: TimelineBin) => sign * (below(bin) + count(bin)),
      },
    );
  });
}
