import { csvParseRows } from 'd3-dsv';
import { suggestion } from '../../scenarios/did-you-mean.ts';
import { ScenarioError } from '../../sim/assert.ts';
import type { Problem } from '../../sim/assert.ts';

/** A point of a printed figure that somebody has typed in, and how far a simulated one may lie from it. */
export interface PublishedPoint {
  /** Where it stands, for messages: FILE:LINE. */
  readonly place: string;
  readonly figure: string;
  readonly panel: string;
  readonly series: string;
  /** As it was typed in: a number or the name of a category. */
  readonly x: string;
  readonly y: number;
  readonly bandPercent: number;
  /** The printed figure and how it was read. */
  readonly source: string;
}

export const publishedColumns = ['figure', 'panel', 'series', 'x', 'y', 'band_percent', 'source'] as const;

/**
 * Reads the file of `nseh paper --published`: CSV with the header of {@link publishedColumns}; lines that begin with
 * `#` are comments. A {@link ScenarioError} with every line that cannot be read and every figure that there is not.
 */
export function readPublishedPoints(
  file: string,
  text: string,
  figures: readonly string[],
): readonly PublishedPoint[] {
  // Comments become empty lines, so that the numbers of the lines stay what an editor shows.
  const lines = text.split(/\r?\n/).map((line) => (line.startsWith('#') ? '' : line.trim()));
  const header = lines.findIndex((line) => line !== '');
  const wanted = publishedColumns.join(',');
  if (header < 0 || lines[header] !== wanted) {
    const place = `${file}:${Math.max(0, header) + 1}`;
    throw new ScenarioError([{ place, message: 'does not begin with the header', allowed: wanted }]);
  }
  const problems: Problem[] = [];
  const points = lines.flatMap((line, at) => {
    if (at <= header || line === '') return [];
    const point = readLine(`${file}:${at + 1}`, csvParseRows(line)[0] ?? []);
    problems.push(...problemsOf(point, figures));
    return [point];
  });
  if (problems.length > 0) throw new ScenarioError(problems);
  return points;
}

function readLine(place: string, cells: readonly string[]): PublishedPoint {
  const [figure = '', panel = '', series = '', x = '', y = '', band = '', source = ''] = cells;
  return { place, figure, panel, series, x, y: number(y), bandPercent: number(band), source };
}

/** Number() takes an empty cell for 0. */
function number(text: string): number {
  return text.trim() === '' ? NaN : Number(text);
}

function problemsOf(point: PublishedPoint, figures: readonly string[]): Problem[] {
  const { place, figure, y, bandPercent, source } = point;
  const problems: Problem[] = [];
  if (!figures.includes(figure)) {
    const message = `figure "${figure}" does not exist${suggestion(figure, figures)}`;
    problems.push({ place, message, allowed: figures.join(', ') });
  }
  if (!Number.isFinite(y)) problems.push({ place, message: 'y is no number', allowed: 'a number' });
  if (!(bandPercent >= 0))
    problems.push({ place, message: 'band_percent is no number from 0', allowed: 'such as 15' });
  if (source === '')
    problems.push({ place, message: 'source is empty', allowed: 'the paper and its figure, in quotes' });
  return problems;
}
