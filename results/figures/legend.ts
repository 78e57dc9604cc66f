import { colour, fontSize } from './figure-theme.ts';
import { svg, svgText } from './svg.ts';
import { textWidth } from './text-width.ts';

export interface LegendEntry {
  readonly label: string;
  readonly fill: string;
  /** For a series of points: a character of the font instead of a square, on a line of this dash or, null, on none. */
  readonly line?: { readonly symbol: string; readonly dash: string | null };
}

/** Height of one line of a legend, CSS pixels. */
export const legendLinePx = 13;

/** The entries of a legend in lines that are no wider than given. */
export function legendLines(entries: readonly LegendEntry[], widthPx: number): LegendEntry[][] {
  const lines: LegendEntry[][] = [];
  let used = Infinity;
  for (const entry of entries) {
    const needed = entryWidth(entry);
    if (used + needed > widthPx) {
      lines.push([]);
      used = 0;
    }
    lines.at(-1)?.push(entry);
    used += needed;
  }
  return lines;
}

/** Draws a legend with its upper left corner at (x, y). */
export function drawLegend(
  entries: readonly LegendEntry[],
  at: { readonly x: number; readonly y: number; readonly widthPx: number },
): string {
  const marks: string[] = [];
  legendLines(entries, at.widthPx).forEach((line, row) => {
    let x = at.x;
    const y = at.y + row * legendLinePx;
    for (const entry of line) {
      marks.push(...swatch(entry, x, y));
      const place = { x: x + swatchWidth(entry), y: y + 9.5, 'font-size': fontSize.note, fill: colour.faint };
      marks.push(svgText(entry.label, place));
      x += entryWidth(entry);
    }
  });
  return svg('g', {}, marks);
}

function swatch({ fill, line }: LegendEntry, x: number, y: number): string[] {
  if (line === undefined) return [svg('rect', { x, y: y + 2, width: 8, height: 8, fill }, [])];
  if (line.dash === null) {
    const middle = { x: x + 4, y: y + 9.3, 'text-anchor': 'middle', 'font-size': fontSize.note, fill };
    return [svgText(line.symbol, middle)];
  }
  const ends = { x1: x, x2: x + 18, y1: y + 6.5, y2: y + 6.5, stroke: fill, 'stroke-dasharray': line.dash };
  const place = { x: x + 9, y: y + 9.3, 'text-anchor': 'middle', 'font-size': fontSize.note, fill };
  return [svg('line', ends, []), svgText(line.symbol, place)];
}

function swatchWidth({ line }: LegendEntry): number {
  return line === undefined || line.dash === null ? 11 : 22;
}

function entryWidth(entry: LegendEntry): number {
  return swatchWidth(entry) + textWidth(entry.label, fontSize.note) + 10;
}
