import type { RunRows } from '../run-rows.ts';
import { downtimeNs } from './downtime.ts';
import { lengthNs, within } from './interval.ts';
import type { Interval } from './interval.ts';
import type { MigrationTimes } from './migration-times.ts';

/** What the pause of one migration was spent on, ns. `memoryNs + contextStopNs + otherNs` is the downtime. */
export interface PauseParts {
  /** At least one memory or device task is open. */
  readonly memoryNs: number;
  /** context_stop: a context task is open and no memory or device task is, so that the context alone is waited for. */
  readonly contextStopNs: number;
  /** Neither is open: commit, activation, the gate. */
  readonly otherNs: number;
  /** context_stop_busy: any context task is open, whatever else is. Not a part of the sum. */
  readonly contextStopBusyNs: number;
}

/**
 * Cuts the pause [stop, activate) along its critical path. Exact, integer ns. Null when the guest was not
 * activated. Memory tasks are the memory rounds that overlap the pause; the device task runs from the end of the
 * last one to `memory-complete`, when CPU and device state are loaded too; context tasks are the export, transfer
 * and import of a part of the security context.
 */
export function pauseParts(rows: RunRows, migration: MigrationTimes): PauseParts | null {
  const downtime = downtimeNs(migration);
  const { stop, activate } = migration.at;
  if (downtime === null || stop === null || activate === null) return null;
  const pause = { startNs: stop, endNs: activate };
  const own = (row: { readonly migration: string }): boolean => row.migration === migration.migration;
  const memory = within(memoryTasks(rows, migration), pause);
  const context = within(rows.contextTasks.filter(own), pause);
  const memoryNs = lengthNs(memory);
  const eitherNs = lengthNs([...memory, ...context]);
  return {
    memoryNs,
    contextStopNs: eitherNs - memoryNs,
    otherNs: downtime - eitherNs,
    contextStopBusyNs: lengthNs(context),
  };
}

function memoryTasks(rows: RunRows, { migration, at }: MigrationTimes): Interval[] {
  const rounds = rows.memoryRounds.filter((round) => round.migration === migration);
  const stopped = rounds.filter((round) => round.stopped).map((round) => round.endNs);
  const complete = at['memory-complete'];
  if (stopped.length === 0 || complete === null) return rounds;
  return [...rounds, { startNs: Math.max(...stopped), endNs: complete }];
}
