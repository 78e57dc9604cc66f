import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario } from '../scenarios/scenario.ts';
import type { Comparison } from './compare.ts';
import { makeManifest } from './manifest.ts';
import type { Manifest } from './manifest.ts';
import {
  directoryState,
  foreignResults,
  runDirectory,
  writeDirectory,
  writeFileWhole,
} from './run-directory.ts';
import type { FileContent } from './run-directory.ts';
import { runFiles } from './run-files.ts';
import type { RunMeta } from './run-files.ts';
import type { SchemeChoice } from './scheme-choice.ts';
import { stableJson } from './stable-json.ts';
import type { PairedRun, RunSummary } from './summary.ts';
import { makeFolder } from './make-folder.ts';

/** What is kept on the disk, and where. */
export interface StoreSubject {
  readonly out: string;
  readonly scenario: Scenario;
  readonly choices: readonly SchemeChoice[];
  readonly seed: number;
  readonly repetition: number;
  /** Whether results of something else are replaced. */
  readonly force: boolean;
  /** Names of files that each run writes on demand beside those it always does. */
  readonly wanted: readonly string[];
}

/**
 * The results of one scenario on the disk: a directory for each run, and beside them the last comparison.
 * Nothing is overwritten that is not the same, unless forced; what is written appears whole or not at all.
 */
export class ComparisonStore {
  /** `out/<name>`. */
  readonly directory: string;
  private readonly subject: StoreSubject;
  private readonly manifest: Manifest;

  /** Throws a ScenarioError when results of something else are in the way. */
  constructor(subject: StoreSubject) {
    this.subject = subject;
    this.directory = join(subject.out, subject.scenario.name);
    this.manifest = makeManifest(subject);
    if (!subject.force) this.refuseForeign();
    // Now rather than after the runs: a place that cannot be written to is better known first.
    makeFolder(this.directory);
  }

  private refuseForeign(): void {
    const whole = directoryState(this.directory, comparisonManifest, this.manifest);
    if (whole === 'other-scenario' || whole === 'other-version') throw foreignResults(this.directory, whole);
    for (const choice of this.subject.choices) {
      const state = this.runState(choice);
      if (state !== 'free' && state !== 'same-run') throw foreignResults(this.runDirectory(choice), state);
    }
  }

  runDirectory({ name }: SchemeChoice): string {
    const { out, scenario, seed, repetition } = this.subject;
    return runDirectory(out, { scenario: scenario.name, scheme: name, seed, repetition });
  }

  /** The summary of a run that was finished before, by the same program; null when it has to run. */
  finishedRun(choice: SchemeChoice): RunSummary | null {
    if (this.subject.force || !this.isFinished(choice)) return null;
    return JSON.parse(readFileSync(join(this.runDirectory(choice), 'summary.json'), 'utf8')) as RunSummary;
  }

  /** The text of the comparison that was finished before, or null. */
  finishedComparison(): string | null {
    const { force, choices } = this.subject;
    if (force || !choices.every((choice) => this.isFinished(choice))) return null;
    if (directoryState(this.directory, comparisonManifest, this.manifest) !== 'same-run') return null;
    const file = join(this.directory, comparisonFile);
    return existsSync(file) ? readFileSync(file, 'utf8') : null;
  }

  /** Keeps a run; one that is there already has the same bytes and stays. */
  saveRun(run: {
    readonly pair: PairedRun;
    readonly summary: RunSummary;
    readonly meta: RunMeta;
    /** Files on demand, by name. */
    readonly extra: ReadonlyMap<string, FileContent>;
  }): void {
    const { choice } = run.pair.run;
    if (!this.subject.force && this.isFinished(choice)) return;
    const manifest = makeManifest({ ...this.subject, choices: [choice] });
    const files = new Map<string, FileContent>([
      ...this.earlierExtra(choice),
      ...runFiles(run.pair, run.summary, manifest, run.meta),
      ...run.extra,
    ]);
    writeDirectory(this.runDirectory(choice), files);
  }

  /** What was asked for before of the very same run stays beside what is asked for now. */
  private earlierExtra(choice: SchemeChoice): Map<string, Uint8Array> {
    if (this.runState(choice) !== 'same-run') return new Map<string, Uint8Array>();
    const directory = this.runDirectory(choice);
    return new Map(
      readdirSync(directory)
        .filter((name) => onDemand.test(name))
        .map((name) => [name, readFileSync(join(directory, name))]),
    );
  }

  /** Keeps the comparison and its figures; the manifest comes last, so that it vouches for the others. */
  saveComparison(comparison: Comparison, figures: ReadonlyMap<string, string | Uint8Array>): void {
    const manifestFile = join(this.directory, comparisonManifest);
    rmSync(manifestFile, { force: true });
    for (const [name, content] of figures) writeFileWhole(join(this.directory, name), content);
    writeFileWhole(join(this.directory, comparisonFile), comparisonText(comparison));
    writeFileWhole(manifestFile, `${stableJson(this.manifest, 2)}\n`);
  }

  private isFinished(choice: SchemeChoice): boolean {
    if (this.runState(choice) !== 'same-run') return false;
    const directory = this.runDirectory(choice);
    return this.subject.wanted.every((name) => existsSync(join(directory, name)));
  }

  private runState(choice: SchemeChoice): ReturnType<typeof directoryState> {
    const manifest = makeManifest({ ...this.subject, choices: [choice] });
    return directoryState(this.runDirectory(choice), 'run.json', manifest);
  }
}

const onDemand = /^(events\.ndjson|trace\.json|report\.html|.*\.pcapng)$/;
const comparisonFile = 'compare.json';
const comparisonManifest = 'compare-run.json';

/** A comparison as it is printed and kept: the same bytes each time. */
export function comparisonText(comparison: Comparison): string {
  return `${JSON.stringify(comparison, null, 2)}\n`;
}
