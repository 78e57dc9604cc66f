import { ticks } from 'd3-array';
import type { MoveTimeline } from '../move-timeline.ts';
import { threeDigits } from '../three-digits.ts';
import { axisNumber } from './figure-number.ts';
import { colour, fontSize } from './figure-theme.ts';
import { packetBins } from './packet-bins.ts';
import type { BinWindow, PacketBin } from './packet-bins.ts';
import { pixels, svg, svgText } from './svg.ts';
import { textWidth } from './text-width.ts';

/** A stretch of time of a move, the same under each scheme. */
export interface MovePanel extends BinWindow {
  readonly title: string;
  readonly axisLabel: string;
  /** What the axis counts in: 1 or 1000 ms. */
  readonly unitMs: number;
  /** The moment of a run that is 0 on the axis. */
  readonly zeroMs: (move: MoveTimeline) => number;
  /** Whether announcements and first packets are marked: in the whole move they fall together. */
  readonly detailed: boolean;
  /** Most packets of an interval, over all schemes. */
  readonly most: number;
}

export interface PanelSpot {
  readonly x: number;
  readonly y: number;
  readonly widthPx: number;
  /** Whether the axis has its numbers. */
  readonly last: boolean;
}

/** Tops of the lanes of one scheme, and the height of a bar in them. */
export const lanes = {
  ...{ vm: 0, memory: 12, context: 24, marks: 34, packets: 49 },
  ...{ bar: 9, packetsUp: 18, packetsDown: 13 },
} as const;
export const blockPx = lanes.packets + lanes.packetsUp + lanes.packetsDown + 4;
export const panelAxisPx = 28;

/** Colours that also differ in grey within each lane; in one lane they mean what the legend says. */
export const moveColours = {
  source: '#D3E9F7',
  paused: colour.black,
  destination: colour.skyBlue,
  round: colour.skyBlue,
  lastRound: colour.blue,
  rules: colour.blue,
  entries: colour.orange,
  legitimate: colour.skyBlue,
  attack: colour.black,
  legitimateDropped: colour.vermillion,
  attackDropped: colour.yellow,
  lost: '#A8A8A8',
} as const;

type Scale = (ms: number) => number;

/** The lanes of one scheme over one stretch of time. SVG text. */
export function drawMovePanel(move: MoveTimeline, panel: MovePanel, spot: PanelSpot): string {
  const { fromMs, toMs } = panel;
  const zeroMs = panel.zeroMs(move);
  const x: Scale = (ms) =>
    (Math.min(toMs, Math.max(fromMs, ms - zeroMs)) - fromMs) * (spot.widthPx / (toMs - fromMs));
  const seen = (each: { readonly start_ms: number; readonly end_ms: number }): boolean =>
    each.end_ms - zeroMs > fromMs && each.start_ms - zeroMs < toMs;
  return svg('g', { transform: `translate(${spot.x},${spot.y})` }, [
    ...axis(panel, spot),
    ...pauseBand(move, x),
    ...vmLane(move, x, spot.widthPx),
    ...memoryLane(move.rounds.filter(seen), x),
    ...contextLane(move.tasks.filter(seen), x),
    ...packetLane(packetBins(move.series, zeroMs, panel), panel, (ms) => x(ms + zeroMs)),
    ...(panel.detailed ? firstPackets(move, x) : []),
  ]);
}

function axis({ fromMs, toMs, unitMs }: MovePanel, { widthPx, last }: PanelSpot): string[] {
  const bottom = blockPx - 4;
  const count = Math.max(3, Math.floor(widthPx / 55));
  return ticks(fromMs / unitMs, toMs / unitMs, count).flatMap((tick) => {
    const at = ((tick * unitMs - fromMs) / (toMs - fromMs)) * widthPx;
    const line = {
      x1: at,
      x2: at,
      y1: -1,
      y2: bottom + (last ? 4 : 0),
      stroke: colour.rule,
      'stroke-width': 0.6,
    };
    const label = { x: at, y: bottom + 13, 'text-anchor': 'middle', 'font-size': fontSize.note };
    return [svg('line', line, []), ...(last ? [svgText(axisNumber(tick), label)] : [])];
  });
}

/** Faint behind all lanes, so that the eye sees what falls into the pause. */
function pauseBand({ stopMs, resumeMs }: MoveTimeline, x: Scale): string[] {
  if (stopMs === null) return [];
  const [from, to] = [x(stopMs), x(resumeMs ?? Infinity)];
  return [
    svg(
      'rect',
      { x: from, y: 0, width: Math.max(0.4, to - from), height: blockPx - 4, fill: colour.shade },
      [],
    ),
  ];
}

function vmLane(move: MoveTimeline, x: Scale, widthPx: number): string[] {
  const { stopMs, resumeMs, source, destination, failed } = move;
  const stop = stopMs === null ? widthPx : x(stopMs);
  const resume = stopMs === null ? widthPx : x(resumeMs ?? Infinity);
  const bar = (from: number, to: number, fill: string): string =>
    to <= from ? '' : svg('rect', { x: from, y: lanes.vm, width: to - from, height: lanes.bar, fill }, []);
  const pause = stopMs === null || resumeMs === null ? '' : `${threeDigits(resumeMs - stopMs)} ms`;
  const place = { y: lanes.vm + 7.2, 'font-size': fontSize.note };
  const after = resume + 3 + textWidth(pause, fontSize.note);
  return [
    bar(0, stop, moveColours.source),
    bar(resume, widthPx, failed ? moveColours.source : moveColours.destination),
    bar(stop, Math.max(resume, stop + 0.8), moveColours.paused),
    ...(stop > textWidth(source, fontSize.note) + 6 ? [svgText(source, { x: 3, ...place })] : []),
    ...(after < widthPx ? [svgText(pause, { x: resume + 3, ...place })] : []),
    ...(widthPx - after > textWidth(destination, fontSize.note) + 8
      ? [svgText(failed ? source : destination, { x: widthPx - 3, 'text-anchor': 'end', ...place })]
      : []),
  ];
}

function memoryLane(rounds: MoveTimeline['rounds'], x: Scale): string[] {
  return rounds.flatMap(({ start_ms, end_ms, round, stopped }) => {
    const [from, to] = [x(start_ms), x(end_ms)];
    const fill = stopped ? moveColours.lastRound : moveColours.round;
    const place = {
      x: (from + to) / 2,
      y: lanes.memory + 7.2,
      'text-anchor': 'middle',
      'font-size': fontSize.note,
    };
    const fits = to - from > textWidth(String(round), fontSize.note) + 3;
    return [
      block(from, to, lanes.memory, fill),
      ...(fits ? [svgText(String(round), { ...place, fill: stopped ? 'white' : colour.ink })] : []),
    ];
  });
}

function contextLane(tasks: MoveTimeline['tasks'], x: Scale): string[] {
  return tasks.flatMap(({ start_ms, end_ms, part }) => [
    block(x(start_ms), x(end_ms), lanes.context, part === 'rules' ? moveColours.rules : moveColours.entries),
  ]);
}

/** A bar with a white edge to its right where there is room for one; never thinner than can be seen. */
function block(from: number, to: number, y: number, fill: string): string {
  const width = Math.max(0.7, to - from - (to - from > 3 ? 0.6 : 0));
  return svg('rect', { x: from, y, width, height: lanes.bar, fill }, []);
}

/** Heights are square roots of counts, so that single packets are seen beside a flood. */
function packetLane(bins: readonly PacketBin[], { most }: MovePanel, x: Scale): string[] {
  const line = lanes.packets + lanes.packetsUp;
  const up = (count: number): number => line - Math.sqrt(count / most) * lanes.packetsUp;
  const down = (count: number): number => line + Math.sqrt(count / most) * lanes.packetsDown;
  const layer = (fill: string, span: (bin: PacketBin) => readonly [number, number]): string => {
    const path = bins
      .map((bin) => ({ from: x(bin.startMs), to: x(bin.endMs), span: span(bin) }))
      .filter(({ span: [top, bottom] }) => top !== bottom)
      .map(({ from, to, span: [top, bottom] }) => {
        const right = Math.max(from + 0.5, to - 0.4);
        return `M${pixels(from)} ${pixels(top)}H${pixels(right)}V${pixels(bottom)}H${pixels(from)}Z`;
      });
    return path.length === 0 ? '' : svg('path', { d: path.join(''), fill }, []);
  };
  return [
    layer(moveColours.legitimate, ({ legitimate, attacks }) => [up(legitimate + attacks), up(attacks)]),
    layer(moveColours.attack, ({ attacks }) => [up(attacks), line]),
    layer(moveColours.legitimateDropped, ({ legitimateDropped }) => [line, down(legitimateDropped)]),
    layer(moveColours.lost, ({ legitimateDropped, lost }) => [
      down(legitimateDropped),
      down(legitimateDropped + lost),
    ]),
    layer(moveColours.attackDropped, ({ legitimateDropped, lost, attacksDropped }) => [
      ...([down(legitimateDropped + lost), down(legitimateDropped + lost + attacksDropped)] as const),
    ]),
    svg(
      'line',
      { x1: x(-Infinity), x2: x(Infinity), y1: line, y2: line, stroke: colour.faint, 'stroke-width': 0.5 },
      [],
    ),
  ];
}

/** Above the packets: when the network was told, and lower the first packets at the VM and of it. */
function firstPackets({ announcedMs, firstInMs, firstOutMs }: MoveTimeline, x: Scale): string[] {
  const mark = (ms: number | null, below: number, symbol: string): string[] =>
    ms === null
      ? []
      : [
          svgText(symbol, {
            ...{ x: x(ms), y: lanes.marks + below, 'text-anchor': 'middle' },
            ...{ 'font-size': fontSize.note, fill: colour.ink },
          }),
        ];
  return [
    ...mark(announcedMs[0] ?? null, 6, moveSymbols.announced),
    ...mark(firstInMs, 13, moveSymbols.firstIn),
    ...mark(firstOutMs, 13, moveSymbols.firstOut),
  ];
}

/** Characters of the figures' font. */
export const moveSymbols = { announced: '▼', firstIn: '●', firstOut: '○' } as const;
