import type { Chart, Hit } from './chart.ts';

/** Pointer and keys on one chart: explanations, zoom by dragging, moving along. */
export function letPoint(chart: Chart, tooltip: Tooltip): void {
  const { canvas } = chart;
  let dragFrom: number | null = null;
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    dragFrom = event.offsetX;
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    chart.viewport.point(chart.timeAt(event.offsetX));
    if (dragFrom !== null && Math.abs(event.offsetX - dragFrom) > 4)
      tooltip.brush(canvas, dragFrom, event.offsetX);
    else tooltip.show(canvas, chart.at(event.offsetX, event.offsetY));
  });
  canvas.addEventListener('pointerup', (event) => {
    if (dragFrom !== null && Math.abs(event.offsetX - dragFrom) > 4) zoomTo(chart, dragFrom, event.offsetX);
    dragFrom = null;
    tooltip.hide();
  });
  canvas.addEventListener('pointerleave', () => {
    chart.viewport.point(null);
    tooltip.hide();
  });
  canvas.addEventListener('dblclick', () => chart.viewport.whole());
  canvas.addEventListener(
    'wheel',
    (event) => {
      // A plain wheel scrolls the page; with Ctrl, or sideways, it is meant for the chart.
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        const around = chart.timeAt(event.offsetX);
        if (around !== null) chart.viewport.zoom(event.deltaY > 0 ? 1.25 : 0.8, around);
      } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault();
        chart.viewport.pan(event.deltaX / 800);
      }
    },
    { passive: false },
  );
  canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape') tooltip.hide();
    else if (event.key === 'n' || event.key === 'ArrowDown') tooltip.show(canvas, chart.step(1), true);
    else if (event.key === 'p' || event.key === 'ArrowUp') tooltip.show(canvas, chart.step(-1), true);
    else if (!move(chart, event.key)) return;
    event.preventDefault();
  });
  canvas.addEventListener('blur', () => tooltip.hide());
}

/** Keys that change the stretch of time; false for any other. */
function move({ viewport }: Chart, key: string): boolean {
  const middle = (viewport.fromMs + viewport.toMs) / 2;
  const moves: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => viewport.pan(-0.2),
    ArrowRight: () => viewport.pan(0.2),
    '+': () => viewport.zoom(0.5, middle),
    '=': () => viewport.zoom(0.5, middle),
    '-': () => viewport.zoom(2, middle),
    '0': () => viewport.whole(),
  };
  const found = moves[key];
  found?.();
  return found !== undefined;
}

function zoomTo(chart: Chart, x0: number, x1: number): void {
  const { fromMs, toMs } = chart.viewport;
  const clamped = (x: number): number => chart.timeAt(x) ?? (x < 200 ? fromMs : toMs);
  chart.viewport.show(clamped(Math.min(x0, x1)), clamped(Math.max(x0, x1)));
}

/** The box beside the pointer, and the words that a screen reader says. */
export class Tooltip {
  private readonly box: HTMLElement;
  private readonly spoken: HTMLElement;
  private readonly band: HTMLElement;

  constructor(box: HTMLElement, spoken: HTMLElement, band: HTMLElement) {
    this.box = box;
    this.spoken = spoken;
    this.band = band;
  }

  show(canvas: HTMLCanvasElement, hit: Hit | null, aloud = false): void {
    this.band.hidden = true;
    if (hit === null) {
      this.box.hidden = true;
      return;
    }
    const [first = '', ...rest] = hit.lines;
    const strong = document.createElement('strong');
    strong.textContent = first;
    this.box.replaceChildren(strong, ...rest.map(line));
    if (aloud) this.spoken.textContent = hit.lines.join('. ');
    this.box.hidden = false;
    const place = canvas.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.box;
    const x = Math.min(window.innerWidth - width - 8, Math.max(8, place.left + hit.x + 14));
    const below = place.top + hit.y + 16;
    const y = below + height > window.innerHeight - 8 ? place.top + hit.y - height - 12 : below;
    this.box.style.transform = `translate(${Math.round(x)}px, ${Math.round(Math.max(8, y))}px)`;
  }

  brush(canvas: HTMLCanvasElement, x0: number, x1: number): void {
    const place = canvas.getBoundingClientRect();
    this.box.hidden = true;
    this.band.hidden = false;
    this.band.style.left = `${place.left + Math.min(x0, x1)}px`;
    this.band.style.width = `${Math.abs(x1 - x0)}px`;
    this.band.style.top = `${place.top}px`;
    this.band.style.height = `${place.height}px`;
  }

  hide(): void {
    this.box.hidden = true;
    this.band.hidden = true;
  }
}

function line(text: string): HTMLElement {
  const element = document.createElement('span');
  element.textContent = text;
  return element;
}
