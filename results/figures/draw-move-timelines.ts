import type { MoveTimeline } from '../move-timeline.ts';
import { wholeNumber } from '../three-digits.ts';
import { axisNumber, shownNumber } from './figure-number.ts';
import { colour, figureText, fontSize, width } from './figure-theme.ts';
import { drawLegend, legendLinePx, legendLines } from './legend.ts';
import { moveLegend } from './move-legend.ts';
import { blockPx, drawMovePanel, lanes, panelAxisPx } from './move-panel.ts';
import type { MovePanel } from './move-panel.ts';
import { deliveredIn, droppedIn, packetBins } from './packet-bins.ts';
import { svgText } from './svg.ts';
import { textWidth } from './text-width.ts';
import { wrapText } from './wrap-text.ts';

export interface TimelineRequest {
  readonly title: string;
  readonly widthPx: number;
}

const marginPx = 8;
const gapPx = 18;
/** Half of the last tick’s label sticks out. */
const tickPx = 8;
const titlePx = 16;
const headPx = 12;
const namePx = 13;
const noteLinePx = 9;

/**
 * One migration under each scheme, a block of lanes for each: the VM, the rounds of memory, the transfers of context,
 * and packets. The whole move and the pause, beside each other, or one below the other in a narrow figure. SVG text;
 * the same files, the same bytes.
 */
export function drawMoveTimelines(
  moves: readonly MoveTimeline[],
  { title, widthPx }: TimelineRequest,
): string {
  const wholePx = widthPx - 2 * marginPx;
  const beside = widthPx > 1.5 * width.oneColumn;
  const panels = [wholeMove(moves), ...aroundPause(moves)];
  const across = beside ? panels.length : 1;
  const plotPx = (wholePx - laneNamesPx - tickPx - gapPx * (across - 1)) / across;
  const legend = moveLegend(moves);
  const top = marginPx + titlePx + legendLines(legend, wholePx).length * legendLinePx + 6;
  const panelPx = headPx + moves.length * (namePx + blockPx) + panelAxisPx;
  const note = wrapText(noteOf(panels), wholePx, fontSize.note);
  const height = top + panelPx * (beside ? 1 : panels.length) + note.length * noteLinePx + marginPx;
  const small = { 'font-size': fontSize.note, fill: colour.faint };
  return figureText({ width: widthPx, height }, [
    svgText(title, { x: marginPx, y: marginPx + 10, 'font-size': fontSize.title, 'font-weight': 'bold' }),
    drawLegend(legend, { x: marginPx, y: marginPx + titlePx, widthPx: wholePx }),
    ...panels.flatMap((panel, index) => {
      const x = marginPx + laneNamesPx + (beside ? index * (plotPx + gapPx) : 0);
      const y = top + (beside ? 0 : index * panelPx);
      const named = index === 0 || !beside;
      return [
        ...drawPanel(panel, moves, { x, y, widthPx: plotPx }),
        ...moves.flatMap((move, row) => {
          const at = { x: marginPx, y: y + headPx + row * (namePx + blockPx) };
          return named ? blockNames(move, at, index === 0 ? wholePx : 0) : [];
        }),
      ];
    }),
    ...note.map((line, i) =>
      svgText(line, { x: marginPx, y: height - marginPx - (note.length - 1 - i) * noteLinePx, ...small }),
    ),
  ]);
}

function drawPanel(
  panel: MovePanel,
  moves: readonly MoveTimeline[],
  { x, y, widthPx }: { readonly x: number; readonly y: number; readonly widthPx: number },
): string[] {
  const bottom = y + headPx + moves.length * (namePx + blockPx);
  const label = {
    x: x + widthPx,
    y: bottom + panelAxisPx - 7,
    'text-anchor': 'end',
    'font-size': fontSize.note,
  };
  return [
    svgText(panel.title, { x, y: y + 8, 'font-size': fontSize.label, 'font-weight': 'bold' }),
    ...moves.map((move, row) => {
      const top = y + headPx + row * (namePx + blockPx) + namePx;
      return drawMovePanel(move, panel, { x, y: top, widthPx, last: row === moves.length - 1 });
    }),
    svgText(`${panel.axisLabel} →`, label),
  ];
}

/** What a timeline is called unless somebody says otherwise. */
export function timelineTitle({ vm, source, destination }: MoveTimeline): string {
  return `${vm} moves from ${source} to ${destination}`;
}

const laneNames = ['VM', 'memory', 'context', 'packets'] as const;
const laneNamesPx = Math.max(...laneNames.map((name) => textWidth(name, fontSize.note))) + 5;

/** The scheme, what its move came to where there is room for it, and the names of its lanes. */
function blockNames(
  move: MoveTimeline,
  { x, y }: { readonly x: number; readonly y: number },
  roomPx: number,
): string[] {
  // A bold letter is about a sixth wider.
  const after = 1.17 * textWidth(move.scheme, fontSize.label) + 7;
  const facts = factsOf(move);
  const fits = after + textWidth(facts, fontSize.note) < roomPx;
  const note = { 'font-size': fontSize.note, fill: colour.faint };
  const middles = [lanes.vm, lanes.memory, lanes.context].map((top) => top + 7.5);
  const baselines = [...middles, lanes.packets + lanes.packetsUp + 3];
  return [
    svgText(move.scheme, { x, y: y + 9, 'font-size': fontSize.label, 'font-weight': 'bold' }),
    ...(fits ? [svgText(facts, { x: x + after, y: y + 9, ...note })] : []),
    ...laneNames.map((name, i) =>
      svgText(name, { x, y: y + namePx + (baselines[i] ?? 0), 'font-size': fontSize.note }),
    ),
  ];
}

function factsOf(move: MoveTimeline): string {
  const { rounds, contextItems, contextBytes, requestMs, doneMs, failed } = move;
  const context =
    contextItems === 0
      ? 'no context'
      : `${wholeNumber(contextItems)} items of context, ${shownNumber(contextBytes / 1000)} kB`;
  const shown = [
    `${shownNumber((doneMs - requestMs) / 1000)} s`,
    `${wholeNumber(rounds.length)} rounds`,
    context,
  ];
  return [...shown, ...(failed ? ['given up'] : [])].join(', ');
}

function wholeMove(moves: readonly MoveTimeline[]): MovePanel {
  const longestMs = Math.max(1, ...moves.map(({ requestMs, doneMs }) => doneMs - requestMs));
  const window = { fromMs: -0.04 * longestMs, toMs: 1.08 * longestMs };
  const zeroMs = ({ requestMs }: MoveTimeline): number => requestMs;
  return { title: 'The move', ...panelOf(moves, window, zeroMs, 'the request'), detailed: false };
}

/** From a third of its length before the pause to some five pauses after it; none where nothing was paused. */
function aroundPause(moves: readonly MoveTimeline[]): MovePanel[] {
  const pausesMs = moves.flatMap(({ stopMs, resumeMs }) =>
    stopMs === null || resumeMs === null ? [] : [resumeMs - stopMs],
  );
  if (pausesMs.length === 0) return [];
  const toMs = roundUp(Math.max(20, 5 * Math.max(...pausesMs)));
  const zeroMs = ({ stopMs, requestMs }: MoveTimeline): number => stopMs ?? requestMs;
  const panel = panelOf(moves, { fromMs: -0.3 * toMs, toMs }, zeroMs, 'the guest stopped');
  return [{ title: 'Around the pause', ...panel, detailed: true }];
}

/** Packets are counted in intervals of which not too many fit, on one scale for all schemes. */
function panelOf(
  moves: readonly MoveTimeline[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  zeroMs: (move: MoveTimeline) => number,
  since: string,
): Omit<MovePanel, 'title' | 'detailed'> {
  const finestMs = Math.max(1, ...moves.map(({ series }) => series[0]?.lengthMs ?? 1));
  const binMs = finestMs * Math.ceil((toMs - fromMs) / finestMs / binsMost);
  const bins = moves.flatMap((move) => packetBins(move.series, zeroMs(move), { fromMs, toMs, binMs }));
  const most = bins.reduce((max, bin) => Math.max(max, deliveredIn(bin), droppedIn(bin)), 1);
  const unitMs = toMs - fromMs >= 5000 ? 1000 : 1;
  const axisLabel = `${unitMs === 1 ? 'ms' : 's'} since ${since}`;
  return { fromMs, toMs, zeroMs, binMs, most, unitMs, axisLabel };
}

const binsMost = 140;

/** 1, 2 or 5 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10);
}

function noteOf(panels: readonly MovePanel[]): string {
  const bins = panels.map(({ title, binMs }) => `${axisNumber(binMs)} ms (${title.toLowerCase()})`);
  return `Packets of all VMs in ${bins.join(', ')}: delivered upwards, dropped downwards; heights are square roots of counts.`;
}
