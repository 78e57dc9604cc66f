import type { MigrationTimes } from './migration-times.ts';

/**
 * Downtime in ns: from the last guest instruction at the source (`stop`) to the first at the destination
 * (`activate`). Exact, as the simulation counts integer ns. Null when the guest did not come to life there.
 * Definition after Clark et al., NSDI 2005, section 3.
 */
export function downtimeNs(migration: MigrationTimes): number | null {
  const { stop, activate } = migration.at;
  return stop === null || activate === null ? null : activate - stop;
}
