import type { MigrationSummary } from './migration-summary.ts';

/** Of each migration the attempt that was requested last: what became of it in the end. */
export function lastAttempts(migrations: readonly MigrationSummary[]): MigrationSummary[] {
  return [...new Map(migrations.map((attempt) => [attempt.move, attempt])).values()];
}
