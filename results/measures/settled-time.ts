import type { MigrationTimes } from './migration-times.ts';

/**
 * Settled time in ns: from the accepted request until the last learner has learnt where the VM is and the
 * source's cleanup is done. Exact. Null when one of the two was not reached before the run ended, or never is.
 */
export function settledTimeNs(migration: MigrationTimes): number | null {
  const { request, learnt } = migration.at;
  const cleanedUp = migration.at['cleaned-up'];
  if (request === null || learnt === null || cleanedUp === null) return null;
  return Math.max(learnt, cleanedUp) - request;
}
