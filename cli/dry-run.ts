import { join, relative } from 'node:path';
import { readJournals } from '../results/journal.ts';
import { buildHash } from '../results/manifest.ts';
import type { SweepPlan } from '../results/sweep-plan.ts';
import { progressOf } from '../results/sweep-progress.ts';
import { wholeNumber } from '../results/three-digits.ts';
import { lengthOf } from '../scenarios/sweep-design.ts';
import { groupsOfShard } from './run-shard.ts';
import type { SweepOptions } from './run-shard.ts';
import type { Screen } from './screen.ts';
import { duration } from './sweep-bar.ts';

/** Says what a sweep would run, why, and for how long; runs and writes nothing. */
export function dryRun(file: string, plan: SweepPlan, options: SweepOptions, screen: Screen): void {
  const directory = join(options.out, plan.sweep.name);
  const groups = groupsOfShard(plan, options.shard);
  let wallMs = 0;
  let timed = 0;
  const entries = [...readJournals(directory)];
  for (const entry of entries)
    if (entry.values !== null) [wallMs, timed] = [wallMs + entry.wallMs, timed + 1];
  const progress = progressOf(plan, entries);
  const own = groups.flatMap(({ cells }) => cells.map(({ index }) => progress[index]!));
  if (options.retryFailed === true) for (const cell of own) cell.forgetFailures();
  for (const cell of own) cell.extend();
  const finished = own.reduce((sum, cell) => sum + cell.count('finished'), 0);
  const failed = own.reduce((sum, cell) => sum + cell.count('failed'), 0);
  const total = own.reduce((sum, cell) => sum + cell.target, 0);
  const left = total - finished - failed;
  const controls = new Set(groups.map(({ index }) => index)).size * plan.sweep.repetitions;
  // Each group of schemes has one run without migration more.
  const estimateS =
    timed === 0 ? null : ((wallMs / timed) * (left + (controls * left) / total)) / 1000 / options.jobs;
  const known = estimateS === null ? null : Math.round(estimateS * 10) / 10;
  if (options.json === true) {
    const { combinations, cells } = plan;
    screen.print(
      JSON.stringify({
        ...{ sweep: plan.sweep.name, combinations, cells: cells.length, runs: total },
        ...{ finished, failed, left, estimate_s: known, build_sha256: buildHash() },
      }),
    );
    return;
  }
  screen.print(`${file}  ${formula(plan)} = ${wholeNumber(total)} runs${shardText(options)}`);
  const leftOut = plan.combinations - plan.cells.length;
  if (leftOut > 0) screen.print(`left out    ${wholeNumber(leftOut)} combinations, by where or as repeated`);
  screen.print(
    `finished    ${wholeNumber(finished)}   failed ${wholeNumber(failed)}   to do ${wholeNumber(left)}`,
  );
  const reason = timed === 0 ? 'nothing has run by this version' : 'never run by this version';
  screen.print(`reason      ${left === 0 ? 'all has ended' : `${wholeNumber(left)} ${reason}`}`);
  const time =
    estimateS === null
      ? 'not known before a first run has ended'
      : `${duration(estimateS)} with --jobs ${options.jobs} (${(wallMs / timed).toFixed(1)} ms a run, mean of ${wholeNumber(timed)})`;
  screen.print(`time        ${time}`);
  // A line of a journal and of runs.csv takes about this much, figured from runs of the shipped sweep.
  screen.print(
    `space       about ${(left * 1.2) / 1000 < 1 ? 'a megabyte' : `${((left * 1.2) / 1000).toFixed(0)} MB`} in ${relative('.', directory)}`,
  );
}

function formula({ sweep, factors, cells }: SweepPlan): string {
  const sizes = sweep.axes.map((axis) => `${axis.factors[0]?.column ?? ''}(${lengthOf(axis)})`);
  const points =
    sweep.design.kind === 'grid' ? sizes.join(' × ') : `${sweep.design.kind} of ${factors.length} factors`;
  const reps =
    sweep.until === null ? `${sweep.repetitions}` : `${sweep.repetitions} to ${sweep.until.repetitionsMax}`;
  return `${points}: ${wholeNumber(cells.length)} combinations × ${reps} reps`;
}

function shardText({ shard }: SweepOptions): string {
  return shard.count === 1 ? '' : `, shard ${shard.index} of ${shard.count}`;
}
