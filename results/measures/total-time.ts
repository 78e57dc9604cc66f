import type { MigrationTimes } from './migration-times.ts';

/**
 * Total migration time in ns: from the accepted request until the source's memory is free, which with post-copy
 * is after the last page has left. Exact. Null when that was not reached before the run ended.
 */
export function totalTimeNs(migration: MigrationTimes): number | null {
  const { request } = migration.at;
  const freed = migration.at['source-freed'];
  return request === null || freed === null ? null : freed - request;
}
