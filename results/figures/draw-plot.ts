import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { pixels } from './svg.ts';

/** What we use of the element that Plot draws: the compiler knows no browser here. */
interface DrawnElement {
  readonly outerHTML: string;
  setAttribute(name: string, value: string): void;
}

/** Draws a plot without a browser and places its upper left corner at (x, y) of a figure. SVG text. */
export function drawPlot(
  options: Omit<Plot.PlotOptions, 'document'>,
  at: { readonly x: number; readonly y: number },
): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>') as { document: never };
  const drawn = Plot.plot({ ...options, document }) as unknown as DrawnElement;
  drawn.setAttribute('x', pixels(at.x));
  drawn.setAttribute('y', pixels(at.y));
  // A nested picture cuts what sticks out, such as half of the last tick's label.
  drawn.setAttribute('overflow', 'visible');
  return drawn.outerHTML;
}
