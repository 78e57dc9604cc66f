import { drawPaperFigure } from '../figures/draw-paper-figure.ts';
import { rasterize } from '../figures/rasterize.ts';
import { readFigureTable } from './figure-table.ts';
import type { PaperFigure } from './paper-figures.ts';

/** Small enough for a page, sharp enough for the smallest letters: 120 dots an inch. */
const pictureScale = 1.25;

/** Where the rows of a figure are kept, from the root of the repository. */
export function rowsFile(id: string): string {
  return `results/paper/rows/${id}.csv`;
}

/** Where its picture is kept for docs/validation.md. */
export function pictureFile(id: string): string {
  return `docs/images/paper/${id}.png`;
}

/** The picture of a figure, drawn from the rows that are kept. */
export function committedPicture({ id, design }: PaperFigure): Uint8Array {
  return rasterize(drawPaperFigure(design, readFigureTable(rowsFile(id), design)), pictureScale);
}
