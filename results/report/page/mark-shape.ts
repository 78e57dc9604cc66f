import type { MarkStyle } from '../page-data.ts';
import { smallFont } from './chart.ts';
import type { Pen } from './chart.ts';
import { looks } from './palette.ts';
import type { Look } from './palette.ts';

/** Where a mark goes, in CSS pixels. */
export interface Box {
  readonly x0: number;
  readonly x1: number;
  readonly y: number;
  readonly height: number;
}

/** Whether marks of this style show a moment and not a stretch of time. */
export function isPoint(style: MarkStyle | undefined): boolean {
  return style === 'phase' || style === 'announce' || style === 'learnt';
}

export function drawMark(pen: Pen, box: Box, style: MarkStyle, label: string, dense: boolean): void {
  const look = looks[style];
  const { context, palette } = pen;
  context.fillStyle = palette[look.colour];
  context.strokeStyle = palette[look.colour];
  context.lineWidth = 1;
  const margin = dense ? (box.height >= 8 ? 1 : 0) : 2;
  shapes[look.form](pen, { ...box, y: box.y + margin, height: box.height - 2 * margin }, look);
  if (label !== '' && box.x1 - box.x0 > 18 && box.height >= 12) drawLabel(pen, box, look, label);
}

const shapes: Readonly<Record<Look['form'], (pen: Pen, box: Box, look: Look) => void>> = {
  bar: ({ context }, { x0, x1, y, height }) => {
    const gap = x1 - x0 > 4 ? 1 : 0;
    context.fillRect(x0, y, Math.max(1, x1 - x0 - gap), Math.max(1, height - (height > 4 ? 0 : 0.5)));
  },
  line: ({ context, palette }, { x0, x1, y, height }) => {
    // Hundreds of lines a pixel apart are a ground, on which the other marks have to stand out.
    if (height < 6) context.fillStyle = palette.grid;
    context.fillRect(x0, y + height / 2 - 0.5, Math.max(1, x1 - x0), 1);
  },
  hatch: (pen, box) => {
    const { context } = pen;
    const { x0, x1, y, height } = box;
    const width = Math.max(1, x1 - x0);
    context.save();
    context.globalAlpha = 0.3;
    context.fillRect(x0, y, width, height);
    context.globalAlpha = 1;
    if (width > 5 && height > 5) hatch(pen, box);
    else context.fillRect(x0, y, Math.min(width, 2), height);
    context.restore();
  },
  outline: ({ context }, { x0, x1, y, height }) => {
    context.setLineDash([4, 3]);
    context.strokeRect(x0 + 0.5, y + 0.5, Math.max(1, x1 - x0 - 1), height - 1);
    context.setLineDash([]);
  },
  tick: ({ context }, { x0, x1, y, height }) => {
    context.fillRect(x0 - 0.75, y, Math.max(1.5, x1 - x0), height);
  },
  diamond: (pen, box) => polygon(pen, box, [0, -5.5, 5.5, 0, 0, 5.5, -5.5, 0]),
  triangle: (pen, box) => polygon(pen, box, [0, -5, 5, 4.5, -5, 4.5]),
  circle: ({ context, palette }, { x0, y, height }) => {
    context.beginPath();
    context.arc(x0, y + height / 2, 4.5, 0, 2 * Math.PI);
    context.fill();
    context.strokeStyle = palette.paper;
    context.stroke();
  },
  cross: ({ context }, { x0, y, height }) => {
    context.fillRect(x0 - 1, y, 2, height);
  },
};

function polygon({ context, palette }: Pen, { x0, y, height }: Box, corners: readonly number[]): void {
  context.beginPath();
  for (let corner = 0; corner < corners.length; corner += 2) {
    context.lineTo(x0 + (corners[corner] ?? 0), y + height / 2 + (corners[corner + 1] ?? 0));
  }
  context.closePath();
  context.fill();
  context.strokeStyle = palette.paper;
  context.stroke();
}

function hatch({ context }: Pen, { x0, x1, y, height }: Box): void {
  context.beginPath();
  context.rect(x0, y, x1 - x0, height);
  context.clip();
  context.lineWidth = 1.5;
  context.beginPath();
  const first = Math.floor((x0 - height) / 6) * 6;
  for (let x = first; x < x1; x += 6) {
    context.moveTo(x, y + height);
    context.lineTo(x + height, y);
  }
  context.stroke();
}

/** Within the visible part of a bar, where it fits. */
function drawLabel(pen: Pen, { x0, x1, y, height }: Box, look: Look, label: string): void {
  const { context, palette, left, right } = pen;
  context.font = smallFont;
  const [from, to] = [Math.max(x0, left), Math.min(x1, right)];
  const width = context.measureText(label).width;
  if (width + 8 > to - from) return;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  if (look.form === 'hatch') {
    context.fillStyle = palette.paper;
    context.fillRect(from + 3, y + height / 2 - 7, width + 4, 14);
  }
  const strong = look.colour === 'blue' || look.colour === 'green' || look.colour === 'purple';
  const onBar = strong ? palette.paper : look.colour === 'orange' ? palette.onBright : palette.ink;
  context.fillStyle = look.form === 'bar' ? onBar : palette.ink;
  context.fillText(label, from + 5, y + height / 2 + 0.5);
}
