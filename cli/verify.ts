import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { ScenarioError } from '../sim/assert.ts';
import { loadSweep } from '../scenarios/sweep.ts';
import { buildHash } from '../results/manifest.ts';
import { hashIn } from '../results/run-directory.ts';
import { planSweep } from '../results/sweep-plan.ts';
import { wholeNumber as shown } from '../results/three-digits.ts';
import { verifyRun } from '../results/verify-run.ts';
import type { VerifiedFile } from '../results/verify-run.ts';
import { holdsSweep, verifySweep } from '../results/verify-sweep.ts';
import { wholeNumber } from './run-options.ts';
import type { Screen } from './screen.ts';

/** `nseh verify DIR`: runs again what a directory holds, a run or a sweep, and compares every byte. */
export function register(program: Command, screen: Screen): void {
  program
    .command('verify')
    .description('run again what a directory of a run or a sweep says it holds, and compare byte for byte')
    .argument('<dir>', 'directory of one run, such as out/quickstart/com-rounds-s1-r0, or of a sweep')
    .option('--sweep <file>', 'for the directory of a sweep: the file that it was made from')
    .option('--sample <n>', 'of a sweep, repeat so many runs, drawn by lot (default: all)', wholeNumber)
    .option('--json', 'print one JSON object')
    .action(async (directory, { sweep, sample, json }) => {
      if (sweep !== undefined || holdsSweep(directory)) {
        await sayOfSweep({ directory, sweep, sample: sample ?? Infinity, json: json === true }, screen);
        return;
      }
      const files = await verify(directory);
      const same = files.every((file) => file.same);
      if (json === true) screen.print(JSON.stringify({ directory, same, files }, null, 2));
      else sayOfFiles(files, screen);
      if (!same) {
        if (isOfAnotherVersion(directory))
          screen.note('The run was made by another version of the program, which run.json names.');
        screen.finishWith(3);
      }
    });
}

function isOfAnotherVersion(directory: string): boolean {
  const manifest = readFileSync(join(directory, 'run.json'), 'utf8');
  return hashIn(manifest, 'build_sha256') !== buildHash();
}

interface SweepAsked {
  readonly directory: string;
  readonly sweep: string | undefined;
  readonly sample: number;
  readonly json: boolean;
}

async function sayOfSweep({ directory, sweep, sample, json }: SweepAsked, screen: Screen): Promise<void> {
  if (sweep === undefined) {
    const allowed = '--sweep FILE, and --sample N for some of the runs';
    throw new ScenarioError([{ place: directory, message: 'holds a sweep, whose file is wanted', allowed }]);
  }
  const found = await verifySweep(directory, planSweep(loadSweep(sweep)), sample);
  const { files, rows, repeated, differing } = found;
  const same = differing.length === 0 && files.every((file) => file.same);
  if (json) screen.print(JSON.stringify({ directory, same, ...found }, null, 2));
  else {
    sayOfFiles(files, screen);
    for (const { cell, repetition, columns } of differing)
      screen.print(`DIFFERS  cell ${cell}, rep ${repetition}: ${columns.join(', ')}`);
    screen.print(
      `${shown(repeated - differing.length)} of ${shown(repeated)} runs are the same, byte for byte (runs.csv has ${shown(rows)})`,
    );
  }
  if (!same) screen.finishWith(3);
}

function sayOfFiles(files: readonly VerifiedFile[], screen: Screen): void {
  for (const { same, name } of files) screen.print(`${same ? 'same   ' : 'DIFFERS'}  ${name}`);
}

async function verify(directory: string): Promise<VerifiedFile[]> {
  try {
    return await verifyRun(directory);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ScenarioError([
      { place: `${directory}/run.json`, message: `is not JSON: ${error.message}`, allowed: '' },
    ]);
  }
}
