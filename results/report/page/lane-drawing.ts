import { markStyles } from '../page-data.ts';
import type { PageLane } from '../page-data.ts';
import { font, smallFont } from './chart.ts';
import type { Drawing, Hit, Pen } from './chart.ts';
import { drawMark, isPoint } from './mark-shape.ts';
import { placeLabels } from './point-labels.ts';
import { looks } from './palette.ts';
import { whenText } from './time-axis.ts';

/** Numbers that stand for one mark in {@link PageLane.marks}. */
const stride = 6;

interface Band {
  readonly lane: PageLane;
  readonly top: number;
  readonly rowHeight: number;
  readonly height: number;
  /** Levels of labels under a single row of points. */
  readonly labelled: boolean;
}

/** Lanes one above the other, with their labels on the left. */
export class LaneDrawing implements Drawing {
  private readonly lanes: readonly PageLane[];
  private readonly words: readonly string[];
  private readonly bands: readonly Band[];
  private stepped = { band: 0, mark: -1 };

  constructor(lanes: readonly PageLane[], words: readonly string[]) {
    this.lanes = lanes;
    this.words = words;
    this.bands = this.layOut();
  }

  height(): number {
    const last = this.bands.at(-1);
    return last === undefined ? 24 : last.top + last.height + 4;
  }

  draw(pen: Pen): number {
    let drawn = 0;
    this.bands.forEach((band, index) => {
      this.drawBand(pen, band, index);
      drawn += this.drawMarks(pen, band);
    });
    return drawn;
  }

  at(pen: Pen, x: number, y: number): Hit | null {
    const inside = y - pen.top;
    const band = this.bands.find(({ top, height }) => inside >= top && inside < top + height + 4);
    if (band === undefined || x < pen.left - 4) return null;
    let best: { index: number; distance: number } | null = null;
    const { marks } = band.lane;
    for (let index = 0; index < marks.length; index += stride) {
      const distance = distanceTo(pen, band, index, x, inside);
      // What comes later lies on top: it wins where both are hit.
      if (distance <= 5 && (best === null || distance <= best.distance)) best = { index, distance };
    }
    return best === null ? null : this.hit(pen, band, best.index);
  }

  step(pen: Pen, by: number): Hit | null {
    const { fromMs, toMs } = pen.viewport;
    let { band, mark } = this.stepped;
    for (let tries = 0; tries < 200_000; tries++) {
      mark += by;
      const count = (this.bands[band]?.lane.marks.length ?? 0) / stride;
      if (mark < 0 || mark >= count) {
        band = (band + by + this.bands.length) % Math.max(1, this.bands.length);
        const next = (this.bands[band]?.lane.marks.length ?? 0) / stride;
        mark = by > 0 ? -1 : next;
        continue;
      }
      const at = this.bands[band];
      const [startMs = 0, endMs = 0] = at?.lane.marks.slice(mark * stride, mark * stride + 2) ?? [];
      if (at === undefined || endMs < fromMs || startMs > toMs) continue;
      this.stepped = { band, mark };
      return this.hit(pen, at, mark * stride);
    }
    return null;
  }

  private layOut(): Band[] {
    const denseRows = this.lanes.reduce((sum, { dense, rows }) => sum + (dense ? rows : 0), 0);
    let top = 4;
    return this.lanes.map((lane) => {
      const points = lane.marks.length > 0 && isPoint(markStyles[lane.marks[3] ?? 0]);
      const labelled = !lane.dense && lane.rows === 1 && points && this.words[lane.marks[4] ?? 0] !== '';
      const rowHeight = lane.dense ? denseRowHeight(denseRows) : lane.rows > 14 ? 8 : lane.rows > 3 ? 14 : 20;
      const height = Math.max(lane.dense ? 22 : 20, lane.rows * rowHeight) + (labelled ? 44 : 0);
      const band = { lane, top, rowHeight, height, labelled };
      top += height + 8;
      return band;
    });
  }

  private drawBand(
    { context, palette, left, right, top }: Pen,
    { lane, top: y, height }: Band,
    index: number,
  ): void {
    if (index % 2 === 0) {
      context.fillStyle = palette.band;
      context.fillRect(0, top + y - 4, right + 12, height + 8);
    }
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    const middle = top + y + Math.min(height, 20) / 2;
    const twoLines = height >= 30 && lane.note !== '';
    context.font = font;
    context.fillStyle = palette.ink;
    const label = lane.label;
    if (twoLines) {
      context.fillText(label, left - 12, middle - 1, left - 20);
      context.font = smallFont;
      context.fillStyle = palette.quiet;
      context.fillText(lane.note, left - 12, middle + 14, left - 20);
      return;
    }
    context.font = smallFont;
    context.fillStyle = palette.quiet;
    const noteWidth = lane.note === '' ? 0 : context.measureText(lane.note).width + 6;
    context.fillText(lane.note, left - 12, middle + 0.5);
    context.font = font;
    context.fillStyle = palette.ink;
    context.fillText(label, left - 12 - noteWidth, middle, Math.max(40, left - 20 - noteWidth));
  }

  private drawMarks(pen: Pen, band: Band): number {
    const { marks } = band.lane;
    const { context, left, right, top } = pen;
    context.save();
    context.beginPath();
    context.rect(left - 6, top + band.top - 4, right - left + 12, band.height + 8);
    context.clip();
    let drawn = 0;
    let lastKey = '';
    for (let index = 0; index < marks.length; index += stride) {
      const [startMs = 0, endMs = 0, row = 0, style = 0, label = 0] = marks.slice(index, index + stride);
      if (endMs < pen.viewport.fromMs || startMs > pen.viewport.toMs) continue;
      const name = markStyles[style] ?? 'open';
      const [x0, x1] = [Math.max(left - 8, pen.x(startMs)), Math.min(right + 8, pen.x(endMs))];
      // Marks that would cover the same pixels are drawn once.
      const key = x1 - x0 < 1 ? `${Math.round(x0 * 2)} ${row} ${style}` : '';
      drawn++;
      if (key !== '' && key === lastKey) continue;
      lastKey = key;
      const box = { x0, x1, y: top + band.top + row * band.rowHeight, height: band.rowHeight };
      drawMark(pen, box, name, this.words[label] ?? '', band.lane.dense);
    }
    if (band.labelled) this.drawLabels(pen, band);
    context.restore();
    return drawn;
  }

  private drawLabels(pen: Pen, { lane, top, rowHeight }: Band): void {
    const { context, palette } = pen;
    context.font = smallFont;
    const points: { x: number; text: string }[] = [];
    for (let index = 0; index < lane.marks.length; index += stride) {
      const [startMs = 0, , , , label = 0] = lane.marks.slice(index, index + stride);
      const x = pen.x(startMs);
      if (x >= pen.left - 1 && x <= pen.right + 1) points.push({ x, text: this.words[label] ?? '' });
    }
    context.textAlign = 'left';
    const width = (text: string): number => context.measureText(text).width;
    for (const { x, level, text } of placeLabels(points, {
      left: pen.left,
      right: pen.right,
      levels: 3,
      width,
    })) {
      const y = pen.top + top + rowHeight + 8 + level * 14;
      context.strokeStyle = palette.grid;
      context.beginPath();
      context.moveTo(x + 0.5, pen.top + top + rowHeight - 3);
      context.lineTo(x + 0.5, y + 4);
      context.stroke();
      context.fillStyle = palette.quiet;
      context.fillText(text, x + 4, y);
    }
  }

  private hit(pen: Pen, band: Band, index: number): Hit {
    const [startMs = 0, endMs = 0, row = 0, style = 0, , detail = 0] = band.lane.marks.slice(
      index,
      index + stride,
    );
    const x = Math.min(
      pen.right,
      Math.max(
        pen.left,
        pen.x((Math.max(startMs, pen.viewport.fromMs) + Math.min(endMs, pen.viewport.toMs)) / 2),
      ),
    );
    const { means } = looks[markStyles[style] ?? 'open'];
    const lines = [...(this.words[detail] ?? '').split('\n'), whenText(startMs, endMs), means];
    return { lines, x, y: pen.top + band.top + (row + 0.5) * band.rowHeight };
  }
}

/** From two pixels on, so that some hundred connections fit on a page. */
function denseRowHeight(rows: number): number {
  return Math.min(14, Math.max(2, Math.floor(640 / Math.max(1, rows))));
}

/** How far a place is from a mark, in pixels, 0 on it. */
function distanceTo(pen: Pen, { lane, top, rowHeight }: Band, index: number, x: number, y: number): number {
  const { marks } = lane;
  const startMs = marks[index] ?? 0;
  const endMs = marks[index + 1] ?? 0;
  const [x0, x1] = [pen.x(startMs), pen.x(endMs)];
  const across = x < x0 ? x0 - x : x > x1 ? x - x1 : 0;
  const y0 = top + (marks[index + 2] ?? 0) * rowHeight;
  const down = y < y0 ? y0 - y : y > y0 + rowHeight ? y - y0 - rowHeight : 0;
  return Math.max(across, down);
}
