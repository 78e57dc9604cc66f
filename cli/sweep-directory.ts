import type { Command, OptionValues } from '@commander-js/extra-typings';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { loadSweep } from '../scenarios/sweep.ts';
import { journalFolder } from '../results/journal.ts';
import { mergeSweep, readSweep } from '../results/merge-sweep.ts';
import { quoted } from '../results/replay-command.ts';
import { planSweep } from '../results/sweep-plan.ts';
import { lockOwner } from './shard-lock.ts';
import { wholeNumber as shown } from '../results/three-digits.ts';
import { folderName, wholeNumber } from './run-options.ts';
import type { Screen } from './screen.ts';

/** `nseh sweep status DIR`: how far it is, and who runs it. */
export function registerStatus(sweep: Command<[string], OptionValues>, screen: Screen): void {
  sweep
    .command('status')
    .description('say how far a sweep is, by its journals')
    .argument('<dir>', 'directory of the sweep, such as out/NAME')
    .option('--json', 'print one JSON object instead of text')
    .action((directory, { json }) => {
      const { planned, finished, failed } = readSweep(directory);
      const running = runningShards(directory);
      if (json === true) {
        screen.print(
          JSON.stringify({ sweep: basename(resolve(directory)), planned, finished, failed, running }),
        );
        return;
      }
      const left = Math.max(0, planned - finished - failed);
      screen.print(
        `${shown(finished)} of ${shown(planned)} runs finished, ${failed} failed, ${shown(left)} to do`,
      );
      for (const { shard, pid, host } of running)
        screen.print(`${shard} is run by process ${pid} on ${host}`);
    });
}

/** `nseh sweep merge DIR`: joins what all shards have done. */
export function registerMerge(sweep: Command<[string], OptionValues>, screen: Screen): void {
  sweep
    .command('merge')
    .description('join the journals of all shards into runs.csv and runs.parquet')
    .argument('<dir>', 'directory of the sweep, such as out/NAME')
    .action((directory) => {
      const state = readSweep(directory);
      mergeSweep(directory, state);
      const { planned, finished, failed } = state;
      screen.print(`${shown(finished)} of ${shown(planned)} runs, ${failed} failed`);
      const left = planned - finished - failed;
      if (left > 0) screen.note(`${shown(left)} runs are missing: not all shards have ended`);
      if (failed > 0)
        screen.note(`${relative('.', join(directory, 'failures.csv'))} has the command that repeats each`);
      if (left > 0 || failed > 0) screen.finishWith(1);
    });
}

/** `nseh sweep slurm SWEEP`: prints a script that submits an array of shards and a merge after them. */
export function registerSlurm(sweep: Command<[string], OptionValues>, screen: Screen): void {
  sweep
    .command('slurm')
    .description('print a script that submits the sweep to Slurm; it submits nothing itself')
    .argument('<sweep>', 'sweep file')
    .option('--shards <n>', 'tasks of the array; about four times the nodes', fromOne, 16)
    .option('--cpus <n>', 'cores of a task', fromOne, 4)
    .option('--time <limit>', 'time limit of a task, as Slurm writes it', timeLimit, '04:00:00')
    .option('--out <dir>', 'where results go; a folder that all nodes see', folderName, 'out')
    .action((file, { shards, cpus, time, out }) => {
      const sweep = loadSweep(file);
      // What is wrong with the scenario or a value is better known before 16 tasks find it.
      planSweep(sweep);
      screen.print(
        slurmScript({ file: resolve(file), name: sweep.name, shards, cpus, time, out: resolve(out) }),
      );
    });
}

function fromOne(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('It has to be a whole number from 1 on.');
  return value;
}

function timeLimit(text: string): string {
  if (!/^(\d+-)?\d+(:\d+){0,2}$/.test(text))
    throw new InvalidArgumentError('It has to be as in 30, 04:00:00 or 2-12:00:00: minutes, hours, days.');
  return text;
}

interface SlurmJob {
  readonly file: string;
  readonly name: string;
  readonly shards: number;
  readonly cpus: number;
  readonly time: string;
  readonly out: string;
}

/** Requeue-safe, since a shard that starts again goes on; `exec` lets the signal of a requeue reach the program. */
function slurmScript({ file, name, shards, cpus, time, out }: SlurmJob): string {
  const program = `${quoted(process.execPath)} ${quoted(resolve(process.argv[1] ?? 'nseh'))}`;
  const run = `${program} sweep ${quoted(file)} --out ${quoted(out)} --jobs ${cpus}`;
  const logs = join(out, name, 'slurm');
  return `#!/bin/sh
# Submits the sweep ${name} as ${shards} tasks and a merge after them: sh THIS_FILE
set -e
mkdir -p ${quoted(logs)}
job=$(sbatch --parsable <<'END'
#!/bin/sh
#SBATCH --job-name=${name}
#SBATCH --array=1-${shards}
#SBATCH --cpus-per-task=${cpus}
#SBATCH --time=${time}
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=${logs}/%a.log
exec ${run} --shard "$SLURM_ARRAY_TASK_ID/${shards}"
END
)
sbatch --dependency=afterany:"$job" <<'END'
#!/bin/sh
#SBATCH --job-name=${name}-merge
#SBATCH --time=01:00:00
#SBATCH --output=${logs}/merge.log
exec ${program} sweep merge ${quoted(join(out, name))}
END
echo "array $job"`;
}

/** Shards whose process is alive. */
function runningShards(directory: string): { shard: string; pid: number; host: string }[] {
  const folder = join(directory, journalFolder);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.lock'))
    .flatMap((name) => {
      const owner = lockOwner(join(folder, name));
      return owner === null ? [] : [{ shard: name.replace('.lock', ''), ...owner }];
    });
}
