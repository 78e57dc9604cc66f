import { markStyles } from '../page-data.ts';
import type { PageLane } from '../page-data.ts';
import { drawMark } from './mark-shape.ts';
import { looks, readPalette } from './palette.ts';
import { Viewport } from './viewport.ts';

/** Shows what the marks of these lanes mean, each drawn as it is on the chart. */
export function showLegend(place: HTMLElement, lanes: readonly PageLane[]): void {
  const used = new Set<number>();
  for (const { marks } of lanes)
    for (let index = 3; index < marks.length; index += 6) used.add(marks[index] ?? 0);
  const items = markStyles.flatMap((style, index) => {
    if (!used.has(index)) return [];
    const item = document.createElement('li');
    const swatch = document.createElement('canvas');
    swatch.width = 44;
    swatch.height = 32;
    const context = swatch.getContext('2d');
    if (context !== null) {
      context.setTransform(2, 0, 0, 2, 0, 0);
      const viewport = new Viewport(1, 0, 1);
      const pen = {
        context,
        palette: readPalette(),
        left: 0,
        right: 22,
        top: 0,
        viewport,
        x: (timeMs: number) => timeMs,
      };
      const { form } = looks[style];
      const wide = form === 'bar' || form === 'hatch' || form === 'outline' || form === 'line';
      drawMark(pen, { x0: wide ? 1 : 11, x1: wide ? 21 : 11, y: 0, height: 16 }, style, '', false);
    }
    item.append(swatch, looks[style].means);
    return [item];
  });
  place.replaceChildren(...items);
}
