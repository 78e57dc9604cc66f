import type { ContextTask, MemoryRound } from '../../models/observations.ts';
import type { RunRows } from '../run-rows.ts';
import type { MigrationTimes } from './migration-times.ts';

/** One memory round and the context that travelled with it. Duration in ns, sizes in bytes on the wire. */
export interface CopyRound {
  readonly durationNs: number;
  readonly pages: number;
  readonly memoryBytes: number;
  readonly contextItems: number;
  readonly contextBytes: number;
}

/** What one migration sent: memory and context, round by round, and the context before and after them. */
export interface CopiedVolume {
  /** The last round is sent while the guest is paused, except with post-copy. */
  readonly rounds: readonly CopyRound[];
  readonly memoryBytes: number;
  readonly contextItems: number;
  readonly contextBytes: number;
  /** Context sent before the first round, and after the guest was activated. */
  readonly reserved: { readonly items: number; readonly bytes: number };
  readonly late: { readonly items: number; readonly bytes: number };
}

/**
 * Items are entries, removals and rules that were sent, counted each time they were. The context bytes of the
 * rounds, `reserved` and `late` add up to `contextBytes`. Exact.
 */
export function copiedVolume(rows: RunRows, migration: MigrationTimes): CopiedVolume {
  const own = (row: { readonly migration: string }): boolean => row.migration === migration.migration;
  const memory = rows.memoryRounds.filter(own).sort((a, b) => a.round - b.round);
  const tasks = rows.contextTasks.filter(own);
  const activate = migration.at.activate ?? Number.POSITIVE_INFINITY;
  const late = tasks.filter((task) => task.startNs >= activate);
  const reserved = tasks.filter((task) => task.startNs < activate && (task.round < 1 || memory.length === 0));
  const during = tasks.filter((task) => !late.includes(task) && !reserved.includes(task));
  const last = memory.at(-1)?.round ?? 0;
  return {
    rounds: memory.map((round) =>
      copyRound(
        round,
        // What travels after the last round has ended, while the guest is still paused, belongs to it.
        during.filter((task) => Math.min(task.round, last) === round.round),
      ),
    ),
    memoryBytes: memory.reduce((sum, round) => sum + round.bytes, 0),
    contextItems: sent(tasks).items,
    contextBytes: sent(tasks).bytes,
    reserved: sent(reserved),
    late: sent(late),
  };
}

function copyRound(round: MemoryRound, tasks: readonly ContextTask[]): CopyRound {
  const context = sent(tasks);
  return {
    durationNs: round.endNs - round.startNs,
    pages: round.pages,
    memoryBytes: round.bytes,
    contextItems: context.items,
    contextBytes: context.bytes,
  };
}

function sent(tasks: readonly ContextTask[]): { items: number; bytes: number } {
  return {
    items: tasks.reduce((sum, task) => sum + task.items + task.removals, 0),
    bytes: tasks.reduce((sum, task) => sum + task.bytes, 0),
  };
}
