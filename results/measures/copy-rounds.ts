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
  const placed = tasks.map((task) => ({ task, place: placeOf(task, memory, migration) }));
  const at = (place: number): ContextTask[] => placed.filter((p) => p.place === place).map((p) => p.task);
  return {
    rounds: memory.map((round) => copyRound(round, at(round.round))),
    memoryBytes: memory.reduce((sum, round) => sum + round.bytes, 0),
    contextItems: sent(tasks).items,
    contextBytes: sent(tasks).bytes,
    reserved: sent(at(beforeRounds)),
    late: sent(at(afterResume)),
  };
}

const beforeRounds = 0;
const afterResume = Number.POSITIVE_INFINITY;

/** The round that a context task belongs to: the one it names, the last one during the pause, or that of its start. */
function placeOf(task: ContextTask, memory: readonly MemoryRound[], { at }: MigrationTimes): number {
  const last = memory.at(-1)?.round ?? beforeRounds;
  if (at.activate !== null && task.startNs >= at.activate) return afterResume;
  if (at.stop !== null && task.startNs >= at.stop) return last;
  if (task.round > 0) return Math.min(task.round, last);
  if (task.moment === 'at-reservation') return beforeRounds;
  return memory.findLast((round) => round.startNs <= task.startNs)?.round ?? beforeRounds;
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
