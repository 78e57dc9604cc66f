import type { Command } from '@commander-js/extra-typings';
import { Argument, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { width } from '../results/figures/figure-theme.ts';
import { columnLabel, readPlotRows } from '../results/figures/plot-rows.ts';
import type { PlotRows } from '../results/figures/plot-rows.ts';
import type { FigureRequest, PlotKind } from '../results/figures/plot-figure.ts';
import { writeFileWhole } from '../results/run-directory.ts';
import { ScenarioError } from '../sim/assert.ts';
import type { Screen } from './screen.ts';

const kinds = ['lines', 'cdf', 'box', 'heatmap'] as const satisfies readonly PlotKind[];
const formats = ['svg', 'png', 'pdf'] as const;
type Format = (typeof formats)[number];
const usualFormats: readonly Format[] = ['svg', 'png'];

interface PlotOptions {
  readonly x?: string;
  readonly y?: string;
  readonly by?: string;
  readonly log: readonly string[];
  readonly table?: string;
  readonly title?: string;
  readonly width: number;
  readonly format: readonly Format[];
  readonly out?: string;
}

/** `nseh plot FIGURE DIR`: a figure of any columns of a run or a sweep. */
export function register(program: Command, screen: Screen): void {
  program
    .command('plot')
    .description('draw columns of a run’s or a sweep’s tables')
    .addArgument(new Argument('<figure>', 'what to draw').choices(kinds))
    .argument('<dir>', 'directory of a sweep or a run, such as out/NAME')
    .option('--y <column>', 'what is measured (default: downtime_ms of a sweep)')
    .option('--x <column>', 'against what (default: the first factor with numbers, for boxes the scheme)')
    .option(
      '--by <column>',
      'a series for each value; rows of a heat map (default: the scheme, where it varies)',
    )
    .option('--table <name>', 'a table of a run, such as connections')
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
      const table = readPlotRows(directory, options.table ?? null);
      const request = requestOf(figure, table, options);
      // Loaded late: the drawing libraries take longer to start than most other commands take.
      const { plotFigure } = await import('../results/figures/plot-figure.ts');
      const drawing = plotFigure(figure, table, request);
      const prefix = options.out ?? join(directory, 'figures', fileName(figure, request));
      mkdirSync(join(prefix, '..'), { recursive: true });
      for (const format of options.format) {
        writeFileWhole(`${prefix}.${format}`, await inFormat(drawing, format));
        screen.print(`${prefix}.${format}`);
      }
    });
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
    throw new ScenarioError([{ place: missing.join(' and '), message: 'has to name a column', allowed }]);
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
  return parts.map((part) => part.replaceAll(/[^\w.-]+/g, '_')).join('-');
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
