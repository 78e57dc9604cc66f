import { accessSync, constants } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { compareSchemes } from '../results/compare.ts';
import type { Comparison } from '../results/compare.ts';
import { ComparisonStore, comparisonText } from '../results/comparison-store.ts';
import { moveTimeline } from '../results/move-timeline.ts';
import { movesOnDisk } from '../results/report/run-on-disk.ts';
import { checkPoints } from '../results/trace/run-captures.ts';
import { width } from '../results/figures/figure-theme.ts';
import type { FileContent } from '../results/run-directory.ts';
import type { SchemeChoice } from '../results/scheme-choice.ts';
import { comparisonNotes } from '../results/comparison-notes.ts';
import { comparisonTable } from '../results/table.ts';
import { wholeNumber, threeDigits } from '../results/three-digits.ts';
import { importAdditions } from '../scenarios/additions.ts';
import type { Additions } from '../scenarios/additions.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { DemandedFiles, demandedNames } from './demanded-files.ts';
import { ProgressLine } from './progress-line.ts';
import { writeReport } from './report.ts';
import type { RunOptions } from './run-options.ts';
import type { Screen } from './screen.ts';
import { undamaged } from './user-file.ts';

/** One `run` or `compare`, read and checked. */
export interface Order {
  readonly command: 'run' | 'compare';
  readonly file: string;
  readonly scenario: Scenario;
  readonly choices: readonly SchemeChoice[];
  readonly options: RunOptions;
}

/** Runs what is ordered, keeps its files and prints its table; prints it again when all of it was done before. */
export async function carryOut(order: Order, screen: Screen): Promise<void> {
  const { scenario, choices, options } = order;
  const additions = await importAdditions(scenario.modules);
  checkPoints(scenario, additions, options.pcap);
  const store = new ComparisonStore({
    ...{ out: options.out, scenario, choices },
    seed: options.seed ?? scenario.seed,
    repetition: options.rep,
    force: options.force === true,
    wanted: demandedNames(options),
  });
  const before = undamaged(store.directory, '--force to run it again', () =>
    order.command === 'compare' ? store.finishedComparison() : finishedRun(order, store),
  );
  if (before !== null) {
    printResult(before, options, screen);
    screen.note(`was done before: ${place(store, order)}; nothing was run again (--force runs it)`);
    await tellOfReport(order, store, screen);
    return;
  }
  const comparison = simulate(order, additions, store, screen);
  if (order.command === 'compare') {
    const runs = choices.map((choice) => store.runDirectory(choice));
    store.saveComparison(comparison, await figures(comparison, runs));
  }
  printResult(comparisonText(comparison), options, screen);
  screen.note(`wrote ${place(store, order)}`);
  await tellOfReport(order, store, screen);
}

/** Writes the report where it was asked for, and otherwise says how to get it. */
async function tellOfReport(order: Order, store: ComparisonStore, screen: Screen): Promise<void> {
  const directory = directoryOf(store, order);
  if (order.options.report === true) {
    await writeReport(directory, join(directory, 'report.html'));
    screen.note(`wrote ${join(directory, 'report.html')}`);
  } else screen.note(`next: nseh report ${directory} shows what happened, in a browser`);
}

function finishedRun({ scenario, choices, options }: Order, store: ComparisonStore): string | null {
  const summaries = choices.map((choice) => store.finishedRun(choice)).filter((summary) => summary !== null);
  if (summaries.length < choices.length) return null;
  const seed = options.seed ?? scenario.seed;
  return comparisonText({ scenario: scenario.name, seed, repetition: options.rep, schemes: summaries });
}

function simulate(order: Order, additions: Additions, store: ComparisonStore, screen: Screen): Comparison {
  const { scenario, choices, options } = order;
  accessSync(store.directory, constants.W_OK);
  const progress = new ProgressLine();
  const demanded = new Map<string, DemandedFiles>();
  const started = new Date().toISOString();
  const startMs = performance.now();
  let events = 0;
  let runs = 0;
  let runStartMs = startMs;
  const comparison = compareSchemes({
    ...{ scenario, choices, additions, repetition: options.rep },
    seed: options.seed ?? scenario.seed,
    replayCommand: (scheme) => replayCommand(order, scheme),
    watch: {
      begin: (scheme) => {
        runStartMs = performance.now();
        progress.show(`${scenario.name}: run ${++runs}, ${scheme}`);
      },
      listen: (scheme, observations) => {
        demanded.get(scheme)?.listen(observations);
      },
      instruments: (scheme) => {
        const files = new DemandedFiles(options);
        demanded.set(scheme, files);
        return files.instruments;
      },
      finish: (pair, summary) => {
        events += pair.run.events;
        const meta = {
          started,
          wall_ms: performance.now() - runStartMs,
          host: hostname(),
          arguments: process.argv,
        };
        const { name } = pair.run.choice;
        const extra = demanded.get(name)?.files(pair.run) ?? new Map<string, FileContent>();
        noteLeftOut(demanded.get(name)?.packetsLeftOut ?? 0, screen);
        store.saveRun({ pair, summary, meta, extra });
        demanded.delete(name);
      },
    },
  });
  progress.clear();
  const wallS = (performance.now() - startMs) / 1000;
  screen.note(`simulated in ${threeDigits(wallS)} s: ${wholeNumber(events)} events`);
  return comparison;
}

function noteLeftOut(packets: number, screen: Screen): void {
  if (packets === 0) return;
  screen.note(`${wholeNumber(packets)} packets were too many for a capture and are left out`);
}

/** Figures of the runs' files. Loaded late: the drawing libraries take longer to start than many a run takes. */
async function figures(
  comparison: Comparison,
  runs: readonly string[],
): Promise<Map<string, string | Uint8Array>> {
  const { compareOverview } = await import('../results/figures/compare-overview.ts');
  const { drawMoveTimelines, timelineTitle } = await import('../results/figures/draw-move-timelines.ts');
  const { rasterize } = await import('../results/figures/rasterize.ts');
  const moves = runs
    .flatMap(movesOnDisk)
    .map((run) => moveTimeline(run, null))
    .filter((move) => move !== null);
  const drawings: [name: string, drawing: string][] = [['compare', compareOverview(comparison)]];
  const [first] = moves;
  if (first !== undefined) {
    const request = { title: timelineTitle(first), widthPx: width.twoColumns };
    drawings.push(['timeline', drawMoveTimelines(moves, request)]);
  }
  return new Map<string, string | Uint8Array>(
    drawings.flatMap(([name, drawing]) => [
      [`${name}.svg`, drawing],
      [`${name}.png`, rasterize(drawing, 3)],
    ]),
  );
}

/** The text is what the file holds, so that a repeated command prints the same bytes. */
function printResult(text: string, options: RunOptions, screen: Screen): void {
  if (options.json === true) {
    screen.print(text.trimEnd());
    return;
  }
  const comparison = JSON.parse(text) as Comparison;
  const { scenario, seed, repetition } = comparison;
  const notes = comparisonNotes(comparison).map((note) => `\n${note}`);
  const table = comparisonTable(comparison);
  screen.print(`${scenario}, seed ${seed}, repetition ${repetition}\n\n${table}\n${notes.join('')}`);
}

function directoryOf(store: ComparisonStore, { command, choices }: Order): string {
  const [first] = choices;
  return command === 'run' && first !== undefined ? store.runDirectory(first) : store.directory;
}

function place(store: ComparisonStore, order: Order): string {
  const directory = directoryOf(store, order);
  return order.command === 'run'
    ? `${directory}/`
    : `${directory}/ (compare.json, compare.png, timeline.png, a folder for each run)`;
}

/** The command that gets to a failed run again. */
function replayCommand({ file, options, scenario }: Order, scheme: string): string {
  const own = scheme === 'as-written' ? [] : ['--scheme', scheme];
  const seed = ['--seed', String(options.seed ?? scenario.seed), '--rep', String(options.rep)];
  const sets = options.set.flatMap((set) => ['--set', JSON.stringify(set)]);
  const until = options.until === undefined ? [] : ['--until', JSON.stringify(options.until)];
  return ['nseh', 'run', file, ...own, ...seed, ...sets, ...until].join(' ');
}
