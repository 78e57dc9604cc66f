import { join } from 'node:path';
import { csv } from '../results/csv.ts';
import type { FigurePoint } from '../results/figures/paper-figure.ts';
import { figureTable } from '../results/paper/figure-table.ts';
import { judgePublished } from '../results/paper/judge-published.ts';
import type { JudgedPoint } from '../results/paper/judge-published.ts';
import type { PaperFigure } from '../results/paper/paper-figures.ts';
import type { PublishedPoint } from '../results/paper/published-points.ts';
import { writeFileWhole } from '../results/run-directory.ts';
import type { Screen } from './screen.ts';
import { makeFolder } from '../results/make-folder.ts';

/** A figure that was written: its files, the claims that go with it, and the points that were typed in. */
export interface DrawnFigure {
  readonly id: string;
  readonly claims: readonly string[];
  readonly judgedBy: string | null;
  readonly files: readonly string[];
  readonly published: readonly {
    readonly figure: string;
    readonly panel: string;
    readonly series: string;
    readonly x: string;
    readonly published: number;
    readonly simulated: number;
    readonly within: boolean;
  }[];
}

/** Runs, judges and writes figures one after another; says on standard error which. */
export async function drawFigures(
  figures: readonly PaperFigure[],
  typedIn: readonly PublishedPoint[],
  directory: string,
  screen: Screen,
): Promise<DrawnFigure[]> {
  const drawn: DrawnFigure[] = [];
  for (const figure of figures) {
    const { id, claims, design } = figure;
    screen.note(`figure ${drawn.length + 1} of ${figures.length}: ${id}`);
    const points = figure.points();
    const own = typedIn.filter((point) => point.figure === id);
    const judged = judgePublished(design, points, own);
    const files = await writePaperFigure(figure, [...points, ...judged.drawn], directory);
    drawn.push({ id, claims, judgedBy: figure.judgedBy ?? null, files, published: judged.judged.map(shown) });
  }
  return drawn;
}

function shown({ published, simulated, within }: JudgedPoint): DrawnFigure['published'][number] {
  const { figure, panel, series, x, y } = published;
  return { figure, panel, series, x, published: y, simulated, within };
}

/** 300 dots an inch at 96 pixels an inch, rounded up: what journals ask for. */
const pngScale = 3.125;

/** Writes a figure of a paper as CSV, SVG, PNG and PDF into a directory and gives the paths. */
async function writePaperFigure(
  { id, design }: PaperFigure,
  points: readonly FigurePoint[],
  directory: string,
): Promise<string[]> {
  // Loaded late: the drawing libraries take longer to start than most other commands take.
  const { drawPaperFigure } = await import('../results/figures/draw-paper-figure.ts');
  const { rasterize } = await import('../results/figures/rasterize.ts');
  const { pdf } = await import('../results/figures/pdf.ts');
  const drawing = drawPaperFigure(design, points);
  const files: readonly (readonly [string, string | Uint8Array])[] = [
    ['csv', csv(figureTable(id, points))],
    ['svg', drawing],
    ['png', rasterize(drawing, pngScale)],
    ['pdf', await pdf(drawing)],
  ];
  makeFolder(directory);
  return files.map(([ending, bytes]) => {
    const path = join(directory, `${id}.${ending}`);
    writeFileWhole(path, bytes);
    return path;
  });
}
