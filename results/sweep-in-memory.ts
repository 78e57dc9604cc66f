import type { Cell } from './data-table.ts';
import type { JournalEntry } from './journal.ts';
import { replayCommand } from './replay-command.ts';
import { factorCells, factorColumns, identityCells, runsColumns } from './run-row.ts';
import { runSweep } from './run-sweep.ts';
import { columnList } from './sweep-files.ts';
import type { SweepPlan } from './sweep-plan.ts';
import { sweepWorker } from './sweep-pool.ts';
import { progressOf } from './sweep-progress.ts';
import type { SweepRows } from './sweep-rows.ts';

/** Runs a whole sweep without files and gives its rows, those of `runs.csv`. Runs that failed are left out. */
export async function sweepInMemory(plan: SweepPlan, jobs: number): Promise<SweepRows> {
  const progress = progressOf(plan, []);
  const ended = new Map<string, JournalEntry[]>();
  await runSweep({
    ...{ plan, groups: plan.groups, progress, jobs, timeoutMs: 3_600_000, failFast: false },
    ...{ worker: sweepWorker, stop: new AbortController().signal },
    replayCommand: (run) => replayCommand(plan, run),
    ended: (entry) => void ended.set(entry.cell, [...(ended.get(entry.cell) ?? []), entry]),
  });
  const { factors, seed, cells, warnings } = plan;
  const rows = cells.flatMap(({ index, sha256, point, choice }) =>
    (ended.get(sha256) ?? [])
      .sort((a, b) => a.rep - b.rep)
      .flatMap(({ rep, values }): Cell[][] => {
        const run = { cell: index, seed, rep, scheme: choice.name, factors: factorCells(factors, point) };
        return values === null ? [] : [[...identityCells(run), ...values]];
      }),
  );
  return {
    columns: runsColumns(factorColumns(factors)),
    ...{ rows, notes: columnList(factors) },
    warnings: warnings.map(({ message }) => message),
  };
}
