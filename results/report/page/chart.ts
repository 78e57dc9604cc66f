import type { Palette } from './palette.ts';
import { readPalette } from './palette.ts';
import { timeTicks } from './time-axis.ts';
import type { Viewport } from './viewport.ts';

/** What is under the pointer. */
export interface Hit {
  readonly lines: readonly string[];
  /** Where it is on the canvas, in CSS pixels. */
  readonly x: number;
  readonly y: number;
}

/** What a chart draws between its axis and its lower edge; sizes in CSS pixels. */
export interface Drawing {
  /** Height below the axis at this width. */
  height(width: number): number;
  /** Returns how many marks it drew. */
  draw(pen: Pen): number;
  /** What is there, or null. */
  at(pen: Pen, x: number, y: number): Hit | null;
  /** The mark so many further on (1 or -1) in the present stretch, for those without a pointer. */
  step(pen: Pen, by: number): Hit | null;
}

/** A canvas with a time scale and colours. */
export interface Pen {
  readonly context: CanvasRenderingContext2D;
  readonly palette: Palette;
  /** The plot: right of the labels, below the axis. */
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly viewport: Viewport;
  readonly x: (timeMs: number) => number;
}

const axisHeight = 24;
/** Width of a chart on paper, CSS pixels: that of an A4 page within its margins. */
const paperWidth = 680;
export const font =
  '12.5px -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif';
export const smallFont = font.replace('12.5px', '11px');

/** One canvas: axis on top, grid, a drawing, and the pointer's line through it. */
export class Chart {
  readonly canvas: HTMLCanvasElement;
  readonly viewport: Viewport;
  private drawing: Drawing;
  private scheduled = false;

  constructor(canvas: HTMLCanvasElement, viewport: Viewport, drawing: Drawing) {
    this.canvas = canvas;
    this.viewport = viewport;
    this.drawing = drawing;
    viewport.listen(() => this.schedule());
    new ResizeObserver(() => this.schedule()).observe(canvas.parentElement ?? canvas);
    this.paint();
  }

  show(drawing: Drawing): void {
    this.drawing = drawing;
    this.paint();
  }

  /** Paints once before the next frame, however often it is asked. */
  schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      this.paint();
    });
  }

  paint(): void {
    const started = performance.now();
    const printed = document.documentElement.dataset['print'] === 'yes';
    const width = printed ? paperWidth : Math.max(320, this.canvas.parentElement?.clientWidth ?? 800);
    const height = axisHeight + this.drawing.height(width) + 2;
    const scale = Math.max(2, window.devicePixelRatio);
    if (
      this.canvas.width !== Math.round(width * scale) ||
      this.canvas.height !== Math.round(height * scale)
    ) {
      this.canvas.width = Math.round(width * scale);
      this.canvas.height = Math.round(height * scale);
      this.canvas.style.width = `${width}px`;
      this.canvas.style.height = `${height}px`;
    }
    const pen = this.pen(width);
    pen.context.setTransform(scale, 0, 0, scale, 0, 0);
    pen.context.clearRect(0, 0, width, height);
    this.axis(pen, height);
    const marks = this.drawing.draw(pen);
    this.cursor(pen, height);
    this.canvas.dataset['marks'] = String(marks);
    this.canvas.dataset['drawnMs'] = (performance.now() - started).toFixed(1);
  }

  at(x: number, y: number): Hit | null {
    return this.drawing.at(this.pen(this.canvas.clientWidth), x, y);
  }

  step(by: number): Hit | null {
    return this.drawing.step(this.pen(this.canvas.clientWidth), by);
  }

  /** The moment at this place of the canvas, or null outside the plot. */
  timeAt(x: number): number | null {
    const { left, right } = this.pen(this.canvas.clientWidth);
    if (x < left || x > right) return null;
    const { fromMs, toMs } = this.viewport;
    return fromMs + ((x - left) / (right - left)) * (toMs - fromMs);
  }

  private pen(width: number): Pen {
    const context = this.canvas.getContext('2d');
    if (context === null) throw new Error('this browser draws no canvas');
    const [left, right] = [width < 640 ? 110 : 172, width - 12];
    const { viewport } = this;
    const x = (timeMs: number): number =>
      left + ((timeMs - viewport.fromMs) / (viewport.toMs - viewport.fromMs)) * (right - left);
    return { context, palette: readPalette(), left, right, top: axisHeight, viewport, x };
  }

  private axis({ context, palette, left, right, x }: Pen, height: number): void {
    const { fromMs, toMs } = this.viewport;
    context.font = smallFont;
    context.textBaseline = 'middle';
    context.textAlign = 'center';
    context.lineWidth = 1;
    for (const { timeMs, text } of timeTicks(fromMs, toMs, (right - left) / 110)) {
      const at = Math.round(x(timeMs)) + 0.5;
      context.strokeStyle = palette.grid;
      context.beginPath();
      context.moveTo(at, axisHeight - 4);
      context.lineTo(at, height);
      context.stroke();
      const half = context.measureText(text).width / 2;
      if (at - half < left - 10 || at + half > right + 10) continue;
      context.fillStyle = palette.quiet;
      context.fillText(text, at, 10);
    }
  }

  private cursor({ context, palette, left, right, x }: Pen, height: number): void {
    const { cursorMs } = this.viewport;
    if (cursorMs === null) return;
    const at = Math.round(x(cursorMs)) + 0.5;
    if (at < left || at > right) return;
    context.strokeStyle = palette.quiet;
    context.setLineDash([3, 3]);
    context.beginPath();
    context.moveTo(at, axisHeight - 4);
    context.lineTo(at, height);
    context.stroke();
    context.setLineDash([]);
  }
}
