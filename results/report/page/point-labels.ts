/** A label under a point, on one of some levels. */
export interface PlacedLabel {
  readonly x: number;
  readonly level: number;
  readonly text: string;
}

/**
 * Gives each group of points a place for its label where no other one is: on the first level that is free. Points
 * within 4 pixels share a label; a label that fits nowhere is left out, and is still told by pointing at its point.
 */
export function placeLabels(
  points: readonly { readonly x: number; readonly text: string }[],
  room: {
    readonly left: number;
    readonly right: number;
    readonly levels: number;
    readonly width: (text: string) => number;
  },
): PlacedLabel[] {
  const freeFrom = new Array<number>(room.levels).fill(-Infinity);
  const placed: PlacedLabel[] = [];
  for (const { x, texts } of grouped(points)) {
    const text = shortened(texts);
    if (text === '') continue;
    const end = x + 4 + room.width(text) + 10;
    if (end > room.right + 10) continue;
    const level = freeFrom.findIndex((free) => free <= x);
    if (level < 0) continue;
    freeFrom[level] = end;
    // A leader crosses the levels above: nothing further left may reach over it there.
    placed.push({ x, level, text });
  }
  return placed;
}

function grouped(
  points: readonly { readonly x: number; readonly text: string }[],
): { x: number; texts: string[] }[] {
  const groups: { x: number; texts: string[] }[] = [];
  for (const { x, text } of [...points].sort((a, b) => a.x - b.x)) {
    const last = groups.at(-1);
    if (last !== undefined && x - last.x < 4) last.texts.push(text);
    else groups.push({ x, texts: [text] });
  }
  return groups;
}

function shortened(texts: readonly string[]): string {
  const different = [...new Set(texts)].filter((text) => text !== '');
  const shown = different.slice(0, 3).join(', ');
  return different.length > 3 ? `${shown} … ${different.length - 3} more` : shown;
}
