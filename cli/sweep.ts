import type { Command } from '@commander-js/extra-typings';
import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { availableParallelism } from 'node:os';
import { loadSweep } from '../scenarios/sweep.ts';
import { parseQuantity } from '../scenarios/units.ts';
import type { Shard } from '../results/journal.ts';
import { checkMeasures } from '../results/sweep-asserts.ts';
import { planSweep } from '../results/sweep-plan.ts';
import { describeProblems } from './describe-problems.ts';
import { dryRun } from './dry-run.ts';
import { runShard } from './run-shard.ts';
import { folderName, wholeNumber } from './run-options.ts';
import type { Screen } from './screen.ts';
import { registerMerge, registerSlurm, registerStatus } from './sweep-directory.ts';

/** `nseh sweep SWEEP`: runs an experiment, or goes on with it. */
export function register(program: Command, screen: Screen): void {
  const command = program
    .command('sweep')
    .description('run the combinations of a sweep file, or go on where it was stopped')
    .argument('<sweep>', 'sweep file')
    // Subcommands have an --out of their own.
    .enablePositionalOptions()
    .addOption(
      new Option('--jobs <n>', 'runs at a time')
        .argParser(atLeastOne)
        .default(Number(process.env['NSEH_JOBS'] ?? availableParallelism()), 'NSEH_JOBS, else the cores'),
    )
    .option('--out <dir>', 'where results go, in a folder of the sweep’s name', folderName, 'out')
    .addOption(
      new Option('--shard <i/n>', 'only the i-th of n parts, such as 3/16')
        .argParser(shard)
        .default({ index: 1, count: 1 }, 'all'),
    )
    .option('--dry-run', 'only say what would run, why, how long and how much')
    .option('--keep-going', 'go on after a failed run (default)')
    .option('--fail-fast', 'stop at the first failed run')
    .option('--retry-failed', 'run again what has failed')
    .addOption(
      new Option('--timeout <time>', 'time that one run may take')
        .argParser(timeoutMs)
        .default(3_600_000, '1 h'),
    )
    .option('--json', 'print one JSON object instead of text')
    .option('--force', 'go on in a directory of another scenario or version')
    .action(async (file, options) => {
      const sweep = loadSweep(file);
      checkMeasures(sweep);
      const plan = planSweep(sweep);
      if (plan.warnings.length > 0) screen.note(describeProblems(plan.warnings, screen, 'warning'));
      if (options.dryRun === true) dryRun(file, plan, options, screen);
      else await runShard(file, plan, options, screen);
    });
  registerStatus(command, screen);
  registerMerge(command, screen);
  registerSlurm(command, screen);
}

function atLeastOne(text: string): number {
  const value = wholeNumber(text);
  if (value < 1 || value > 1024)
    throw new InvalidArgumentError('It has to be a whole number from 1 to 1024.');
  return value;
}

function shard(text: string): Shard {
  const match = /^(\d{1,6})\/(\d{1,6})$/.exec(text);
  const index = Number(match?.[1]);
  const count = Number(match?.[2]);
  if (match === null || index < 1 || index > count) {
    throw new InvalidArgumentError('It has to be i/n with i from 1 to n, such as 3/16.');
  }
  return { index, count };
}

function timeoutMs(text: string): number {
  const parsed = parseQuantity(text, 'time');
  if (!parsed.ok) throw new InvalidArgumentError(`It has to be a time such as "10 min": ${parsed.message}.`);
  const timeMs = parsed.value / 1e6;
  // A timer of the platform holds 31 bits.
  if (timeMs < 1 || timeMs > 2 ** 31 - 1) throw new InvalidArgumentError('It has to be from 1 ms to 24 d.');
  return timeMs;
}
