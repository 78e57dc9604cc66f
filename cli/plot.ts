import type { Command } from '@commander-js/extra-typings';
import { Argument, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { join } from 'node:path';
import { width } from '../results/figures/figure-theme.ts';
import { columnLabel, readPlotRows } from '../results/figures/plot-rows.ts';
import type { PlotRows } from '../results/figures/plot-rows.ts';
import type { FigureRequest, PlotKind } from '../results/figures/plot-figure.ts';
import { moveTimeline } from '../results/move-timeline.ts';
import { movesOnDisk } from '../results/report/run-on-disk.ts';
import { writeFileWhole } from '../results/run-directory.ts';
import { ScenarioError } from '../sim/assert.ts';
import type { Screen } from './screen.ts';
import { undamaged } from './user-file.ts';
import { makeFolder } from '../results/make-folder.ts';

const tableKinds = ['lines', 'cdf', 'box', 'heatmap'] as const satisfies readonly PlotKind[];
const kinds = [...tableKinds, 'timeline'] as const;
const formats = ['svg', 'png', 'pdf'] as const;
type Format = (typeof formats)[number];
const usualFormats: readonly Format[] = ['svg', 'png'];

interface PlotOptions {
  readonly x?: string;
  readonly y?: string;
  readonly by?: string;
  readonly log: readonly string[];
  readonly table?: string;
  readonly migration?: string;
  readonly title?: string;
  readonly width: number;
  readonly format: readonly Format[];
  readonly out?: string;
}

/** `nseh plot FIGURE DIR`: a figure of any columns of a run or a sweep, or of one migration over time. */
export function register(program: Command, screen: Screen): void {
  program
    .command('plot')
    .description('draw columns of a run’s or a sweep’s tables, or a migration over time')
    .addArgument(new Argument('<figure>', 'what to draw').choices(kinds))
    .argument('<dir>', 'directory of a sweep, a run or, for a timeline, a comparison, such as out/NAME')
    .option('--y <column>', 'what is measured (default: downtime_ms of a sweep)')
    .option('--x <column>', 'against what (default: the first factor with numbers, for boxes the scheme)')
    .option(
      '--by <column>',
      'a series for each value; rows of a heat map (default: the scheme, where it varies)',
    )
    .option('--table <name>', 'a table of a run, such as connections')
    .option('--migration <name>', 'which one a timeline shows (default: the first that completed)')
    .option('--log <axes>', 'logarithmic axes: x, y or x,y', axes, [])
    .option('--title <text>', 'title (default: what is drawn)')
    .addOption(
      new Option('--width <width>', 'one or two columns of a paper (3.5 and 7.16 in), or inches')
        .argParser(widthPx)
        .default(width.oneColumn, 'one'),
    )
    .option('--format <formats>', 'svg, png, pdf, with commas between', formatNames, usualFormats)
    .option('--out <prefix>', 'path without ending (default: figures/ in the directory)')
    .action(async (figure, directory, options) => {
      const { drawing, name } = await drawn(figure, directory, options);
      const prefix = options.out ?? join(directory, 'figures', name);
      makeFolder(join(prefix, '..'));
      for (const format of options.format) {
        writeFileWhole(`${prefix}.${format}`, await inFormat(drawing, format));
        screen.print(`${prefix}.${format}`);
      }
    });
}

interface Drawn {
  readonly drawing: string;
  /** Of its files, without ending. */
  readonly name: string;
}

/** Loads drawing libraries late: they take longer to start than most other commands take. */
async function drawn(
  figure: (typeof kinds)[number],
  directory: string,
  options: PlotOptions,
): Promise<Drawn> {
  if (figure === 'timeline') return timeline(directory, options);
  if (options.migration !== undefined)
    refuse('--migration', 'belongs to a timeline', 'nseh plot timeline DIR');
  const table = undamaged(directory, `nseh sweep merge ${directory} joins a sweep anew`, () =>
    readPlotRows(directory, options.table ?? null),
  );
  const request = requestOf(figure, table, options);
  const { plotFigure } = await import('../results/figures/plot-figure.ts');
  return { drawing: plotFigure(figure, table, request), name: fileName(figure, request) };
}

async function timeline(directory: string, options: PlotOptions): Promise<Drawn> {
  const { x, y, by, table, log, migration } = options;
  for (const [name, value] of Object.entries({ x, y, by, table, log: log[0] }))
    if (value !== undefined)
      refuse(`--${name}`, 'says nothing to a timeline', '--migration, --title, --width');
  const runs = movesOnDisk(directory);
  const moves = runs.map((run) => moveTimeline(run, migration ?? null)).filter((move) => move !== null);
  const [first] = moves;
  if (first === undefined) {
    const known = runs.flatMap(({ summary }) => summary.migrations.map((each) => each.migration));
    const message = migration === undefined ? 'holds no migration' : `has no migration "${migration}"`;
    return refuse(directory, message, [...new Set(known)].join(', ') || 'a run in which a VM moves');
  }
  const { drawMoveTimelines, timelineTitle } = await import('../results/figures/draw-move-timelines.ts');
  const drawing = drawMoveTimelines(moves, {
    ...{ title: options.title ?? timelineTitle(first), widthPx: options.width },
  });
  return { drawing, name: migration === undefined ? 'timeline' : `timeline-${plainName(migration)}` };
}

function refuse(place: string, message: string, allowed: string): never {
  throw new ScenarioError([{ place, message, allowed }]);
}

async function inFormat(drawing: string, format: Format): Promise<string | Uint8Array> {
  if (format === 'svg') return drawing;
  if (format === 'pdf') return (await import('../results/figures/pdf.ts')).pdf(drawing);
  return (await import('../results/figures/rasterize.ts')).rasterize(drawing, pngScale);
}

/** 300 dots an inch at 96 pixels an inch, rounded up: what journals ask for. */
const pngScale = 3.125;

/** What is drawn where the command line leaves it open. */
function requestOf(figure: PlotKind, table: PlotRows, options: PlotOptions): FigureRequest {
  const factors = table.columns.filter(({ role }) => role === 'factor');
  const scheme = factors.find(({ name }) => name === 'scheme')?.name;
  const numbers = factors.find(({ kind }) => kind !== 'text')?.name;
  const x = options.x ?? (figure === 'box' ? (scheme ?? numbers) : (numbers ?? scheme));
  const y = options.y ?? (factors.length > 0 ? 'downtime_ms' : undefined);
  const missing = [
    ...(x === undefined && figure !== 'cdf' ? ['--x'] : []),
    ...(y === undefined ? ['--y'] : []),
  ];
  if (y === undefined || missing.length > 0) {
    const allowed = table.columns.map(({ name }) => name).join(', ');
    return refuse(missing.join(' and '), 'has to name a column', allowed);
  }
  const series = scheme !== undefined && scheme !== x && figure !== 'box' ? scheme : null;
  const by = options.by ?? series;
  const title =
    figure === 'cdf' || x === undefined
      ? `distribution of ${columnLabel(y)}`
      : `${columnLabel(y)} against ${columnLabel(x)}`;
  return {
    title: options.title ?? title,
    ...{ x: x ?? y, y, by, widthPx: options.width },
    ...{ logX: options.log.includes('x'), logY: options.log.includes('y') },
  };
}

function fileName(figure: PlotKind, { x, y, by }: FigureRequest): string {
  const parts = [figure, y, ...(figure === 'cdf' || x === y ? [] : [x]), ...(by === null ? [] : [by])];
  return parts.map(plainName).join('-');
}

function plainName(text: string): string {
  return text.replaceAll(/[^\w.-]+/g, '_');
}

function axes(text: string): string[] {
  const named = text.split(',').map((name) => name.trim());
  if (named.some((name) => name !== 'x' && name !== 'y'))
    throw new InvalidArgumentError('It has to be x, y or x,y.');
  return named;
}

function formatNames(text: string): readonly Format[] {
  return text.split(',').map((name) => {
    const found = formats.find((format) => format === name.trim());
    if (found === undefined) throw new InvalidArgumentError(`It has to be some of ${formats.join(', ')}.`);
    return found;
  });
}

function widthPx(text: string): number {
  if (text === 'one') return width.oneColumn;
  if (text === 'two') return width.twoColumns;
  const inches = Number(text.replace(/ *in$/, ''));
  if (!(inches >= 2 && inches <= 20))
    throw new InvalidArgumentError('It has to be one, two, or 2 to 20 inches.');
  return Math.round(96 * inches);
}
