import type { MigrationTimes } from './migration-times.ts';

/**
 * Total migration time in ns: from the accepted request until the source's memory is free, which is at commit,
 * or when the last page has left the source if that is later (post-copy). Exact. Null when not completed.
 */
export function totalTimeNs(migration: MigrationTimes): number | null {
  const { request, commit, activate } = migration.at;
  const memoryComplete = migration.at['memory-complete'];
  const committed = commit ?? activate;
  if (request === null || committed === null || migration.outcome !== 'completed') return null;
  return Math.max(committed, memoryComplete ?? committed) - request;
}
