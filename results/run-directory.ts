import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ScenarioError } from '../sim/assert.ts';
import type { Manifest } from './manifest.ts';
import { makeFolder } from './make-folder.ts';

/** Where a run's files go: `out/<name>/<scheme>-s<seed>-r<rep>`. */
export function runDirectory(
  out: string,
  run: {
    readonly scenario: string;
    readonly scheme: string;
    readonly seed: number;
    readonly repetition: number;
  },
): string {
  return join(out, run.scenario, `${run.scheme}-s${run.seed}-r${run.repetition}`);
}

export type DirectoryState =
  /** Nothing is there. */
  | 'free'
  /** The very results that are wanted. */
  | 'same-run'
  /** Results of the same scenario, but under another seed or scheme. */
  | 'other-run'
  | 'other-scenario'
  | 'other-version';

/** What the manifest in a directory says about the results there, compared with the run that is wanted. */
export function directoryState(
  directory: string,
  manifestName: string,
  wanted: Pick<Manifest, 'scenario_sha256' | 'run_sha256' | 'build_sha256'>,
): DirectoryState {
  const file = join(directory, manifestName);
  if (!existsSync(file)) return 'free';
  const text = readFileSync(file, 'utf8');
  if (hashIn(text, 'scenario_sha256') !== wanted.scenario_sha256) return 'other-scenario';
  if (hashIn(text, 'build_sha256') !== wanted.build_sha256) return 'other-version';
  return hashIn(text, 'run_sha256') === wanted.run_sha256 ? 'same-run' : 'other-run';
}

/**
 * A hash that the text of a manifest names, empty without it. A manifest is ours and has these lines, and whatever has
 * not is not ours: no need to parse all of it.
 */
export function hashIn(manifest: string, field: keyof Manifest): string {
  return new RegExp(`"${field}": "([0-9a-f]{64})"`).exec(manifest)?.[1] ?? '';
}

/** Refuses, with what to do instead, to write where results of something else are. */
export function foreignResults(
  place: string,
  state: 'other-run' | 'other-scenario' | 'other-version',
): ScenarioError {
  const whose = {
    'other-run': 'holds results of this scenario under a scheme of the same name with other fields',
    'other-scenario': 'holds results of another scenario',
    'other-version': 'holds results of this scenario by another version of the program',
  };
  const allowed = 'another directory with --out DIR, or --force to replace it';
  return new ScenarioError([{ place, message: `${whose[state]}; nothing was overwritten`, allowed }]);
}

/** What a file holds: text or bytes, or text in pieces that are too long together for one string. */
export type FileContent = string | Uint8Array | readonly string[];

/**
 * Writes a directory of files all or not at all: into a temporary directory beside it, which then takes its
 * name. What was there before is replaced. A failure or a kill leaves the old directory, or none.
 */
export function writeDirectory(directory: string, files: ReadonlyMap<string, FileContent>): void {
  const partial = join(dirname(directory), `.${basename(directory)}.partial-${process.pid}`);
  const old = join(dirname(directory), `.${basename(directory)}.old-${process.pid}`);
  makeFolder(partial);
  try {
    for (const [name, content] of files) writePieces(join(partial, name), content);
    if (existsSync(directory)) renameSync(directory, old);
    renameSync(partial, directory);
  } finally {
    rmSync(partial, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
}

/** Writes one file all or not at all. */
export function writeFileWhole(file: string, content: FileContent): void {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) {
    const allowed = 'the name of a file';
    throw new ScenarioError([{ place: file, message: 'is a directory', allowed }]);
  }
  makeFolder(dirname(file));
  const partial = join(dirname(file), `.${basename(file)}.partial-${process.pid}`);
  try {
    writePieces(partial, content);
    renameSync(partial, file);
  } finally {
    rmSync(partial, { force: true });
  }
}

/** On the disk, not only in a cache, before its name is given to it. */
function writePieces(file: string, content: FileContent): void {
  const descriptor = openSync(file, 'w');
  try {
    const pieces = typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
    for (const piece of pieces) writeFileSync(descriptor, piece);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
