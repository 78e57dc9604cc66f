import { posix } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import type { Claim } from '../results/paper/claim.ts';
import { listedClaims } from '../results/paper/claim-list.ts';
import type { ListedClaim } from '../results/paper/claim-list.ts';
import { claimVerdict } from '../results/paper/claim-points.ts';
import { claimsNamed } from '../results/paper/paper-claims.ts';
import { paperFigures } from '../results/paper/paper-figures.ts';
import type { PaperFigure } from '../results/paper/paper-figures.ts';
import { readPublishedPoints } from '../results/paper/published-points.ts';
import type { PublishedPoint } from '../results/paper/published-points.ts';
import { threeDigits } from '../results/three-digits.ts';
import { ScenarioError } from '../sim/assert.ts';
import { drawFigures } from './paper-figures.ts';
import type { DrawnFigure } from './paper-figures.ts';
import { plainTable } from './plain-table.ts';
import { folderName } from './run-options.ts';
import type { Screen } from './screen.ts';
import { readUserFile } from './user-file.ts';

interface PaperOptions {
  readonly list?: true;
  readonly json?: true;
  readonly figures?: true;
  readonly out?: string;
  readonly published?: string;
}

/** `nseh paper [ID…]`: published figures beside what the simulator makes of them. */
export function register(program: Command, screen: Screen): void {
  program
    .command('paper')
    .description('remake published figures and hold them against what was published; exit 3 out of band')
    .argument('[ids...]', 'claims, such as P04, or figures, such as com-entries; all without one')
    .option('--list', 'say only what each claim and each figure is, without a run')
    .option('--json', 'print one JSON object')
    .option('--figures', 'draw the figures as well: CSV, SVG, PNG and PDF')
    .option(
      '--out <dir>',
      'where the figures go, drawn even without --figures (default: out/paper)',
      folderName,
    )
    .option(
      '--published <file>',
      'draw and judge points that you have typed in; the form is in scenarios/paper/com/published.csv',
    )
    .action((ids, options) => carryOutPaper(ids.map(asNamed), options, screen));
}

async function carryOutPaper(ids: readonly string[], options: PaperOptions, screen: Screen): Promise<void> {
  const { json, list, out } = options;
  // What was typed in is read first: a slip in it should not wait for the runs.
  const typedIn = readTypedIn(options.published);
  const chosenFigures = figuresOf(ids);
  const listed = listedOf(ids, chosenFigures);
  if (list === true) {
    if (json === true)
      screen.print(JSON.stringify({ claims: listed, figures: chosenFigures.map(described) }));
    else printList(listed, chosenFigures, screen);
    return;
  }
  const claims = listed.length === 0 ? [] : runClaims(listed);
  const drawing = options.figures === true || out !== undefined || options.published !== undefined;
  const drawn = drawing ? await drawFigures(chosenFigures, typedIn, out ?? 'out/paper', screen) : [];
  if (json === true) screen.print(JSON.stringify(drawing ? { claims, figures: drawn } : { claims }));
  else printFindings(claims, drawn, screen);
  const missed = drawn.flatMap(({ published }) => published).some(({ within }) => !within);
  if (missed || claims.some(({ within }) => within === false)) screen.finishWith(3);
}

function readTypedIn(file: string | undefined): readonly PublishedPoint[] {
  if (file === undefined) return [];
  const known = paperFigures().map(({ id }) => id);
  return readPublishedPoints(file, readUserFile(file).toString('utf8'), known);
}

/** Claims may be typed in small letters. */
function asNamed(id: string): string {
  return /^[a-z]+\d+$/.test(id) ? id.toUpperCase() : id;
}

/** Claims have numbers of capital letters and digits, figures names in small letters. */
function isClaimId(id: string): boolean {
  return /^[A-Z]/.test(id);
}

/** The figures that are named, or those of the claims that are; a {@link ScenarioError} for an unknown name. */
function figuresOf(ids: readonly string[]): readonly PaperFigure[] {
  const all = paperFigures();
  const known = all.map(({ id }) => id);
  const unknown = ids.filter((id) => !isClaimId(id) && !known.includes(id));
  if (unknown.length > 0) {
    const allowed = `${known.join(', ')}, or a claim such as P04 (nseh paper --list)`;
    throw new ScenarioError(unknown.map((place) => ({ place, message: 'is no figure', allowed })));
  }
  if (ids.length === 0) return all;
  return all.filter(({ id, claims }) => ids.includes(id) || claims.some((claim) => ids.includes(claim)));
}

/** The claims that are named, or those of the figures where only figures are; a {@link ScenarioError} for an unknown one. */
function listedOf(ids: readonly string[], figures: readonly PaperFigure[]): readonly ListedClaim[] {
  const all = listedClaims();
  if (ids.length === 0) return all;
  const wanted = ids.some(isClaimId) ? ids : figures.flatMap(({ claims }) => claims);
  const known = new Set(all.map(({ id }) => id));
  const unknown = wanted.filter((id) => isClaimId(id) && !known.has(id));
  if (unknown.length > 0) {
    const allowed = [...known].join(', ');
    throw new ScenarioError(unknown.map((place) => ({ place, message: 'is no claim', allowed })));
  }
  return all.filter(({ id }) => wanted.includes(id));
}

function runClaims(listed: readonly ListedClaim[]): readonly Claim[] {
  const ids = listed.map(({ id }) => id);
  return claimsNamed(ids).filter(({ id }) => ids.includes(id));
}

function described({ id, summary, claims, design }: PaperFigure): object {
  return { id, summary, claims, badge: design.badge };
}

function printList(claims: readonly ListedClaim[], figures: readonly PaperFigure[], screen: Screen): void {
  for (const { id, what, source, file, kind, within } of claims) {
    const verdict = within === null ? '' : within ? ', within' : ', MISSED';
    // What is not modelled has no file.
    const from = file === '' ? '' : `; ${posix.join('scenarios/paper', file)}`;
    screen.print(`${id}  ${what} (${kind}${verdict}; ${source}${from})`);
  }
  for (const { id, summary } of figures) screen.print(`${id}  ${summary}`);
  if (claims.length > 0)
    screen.note('Verdicts are those of docs/validation.md; without --list they are made anew.');
}

function printFindings(claims: readonly Claim[], drawn: readonly DrawnFigure[], screen: Screen): void {
  if (claims.length > 0) screen.print(claimsTable(claims));
  for (const { id, what, note } of claims) if (note !== '') screen.print(`${id}, ${what}: ${note}`);
  if (drawn.length > 0) {
    const rows = drawn.map(({ id, claims: own, judgedBy, files }) => [
      id,
      judgedBy ?? claimVerdict(claims, own),
      files[0] ?? '',
    ]);
    screen.print(
      `\n${plainTable(['figure', 'claims', 'files (.csv, and .svg, .png, .pdf beside it)'], [], rows)}`,
    );
  }
  const judged = drawn.flatMap(({ published }) => published);
  if (judged.length > 0) screen.print(`\n${publishedTable(judged)}`);
}

function publishedTable(judged: DrawnFigure['published']): string {
  const rows = judged.map(({ figure, panel, series, x, published, simulated, within }) => {
    const verdict = within ? 'within' : 'MISSED';
    return [figure, panel, series, x, threeDigits(published), threeDigits(simulated), verdict];
  });
  return plainTable(['figure', 'panel', 'series', 'x', 'published', 'simulated', 'verdict'], [], rows);
}

function claimsTable(claims: readonly Claim[]): string {
  const rows = claims.map(({ id, what, kind, published, simulated, within }) => {
    const verdict = within === null ? '' : within ? 'within' : 'MISSED';
    return [id, what, kind, figures(published), figures(simulated), verdict];
  });
  const head = ['claim', 'what', 'kind', 'published', 'simulated', 'verdict'];
  return plainTable(head, [null, 42, null, 28, 28, null], rows);
}

function figures(values: readonly number[]): string {
  const shown = values.slice(0, 8).map(threeDigits).join(', ');
  return values.length > 8 ? `${shown}, … (${values.length})` : shown;
}
