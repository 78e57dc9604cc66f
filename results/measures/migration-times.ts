import type { PhaseReached } from '../../models/observations.ts';

/** When one migration reached each phase, simulated ns; null for a phase that it did not reach. */
export interface MigrationTimes {
  readonly migration: string;
  readonly vm: string;
  readonly at: Readonly<Record<PhaseReached['phase'], number | null>>;
  readonly outcome: 'completed' | 'failed' | 'lost' | 'unfinished';
  /** Why it failed, why the VM was lost, or what was not done; empty otherwise. */
  readonly reason: string;
}

/**
 * The migrations of a run in the order of their requests. A phase that was reached several times counts with
 * its last time, the request with its first. `completed`: the guest was activated at the destination, and all of its
 * memory is there; `lost`: the VM died on the way; `failed`: it was not activated, and the move was given up;
 * `unfinished`: the run ended before any of these.
 */
export function migrationTimes(phases: readonly PhaseReached[]): MigrationTimes[] {
  const byMigration = new Map<string, PhaseReached[]>();
  for (const phase of phases) {
    const known = byMigration.get(phase.migration);
    if (known === undefined) byMigration.set(phase.migration, [phase]);
    else known.push(phase);
  }
  return [...byMigration.entries()].map(([migration, reached]) => timesOf(migration, reached));
}

function timesOf(migration: string, reached: readonly PhaseReached[]): MigrationTimes {
  const at = unreached();
  for (const { phase, timeNs } of reached) if (phase !== 'request' || at.request === null) at[phase] = timeNs;
  const { outcome, reason } = endOf(at, reached);
  return { migration, vm: reached[0]?.vm ?? '', at, outcome, reason };
}

function endOf(
  at: MigrationTimes['at'],
  reached: readonly PhaseReached[],
): Pick<MigrationTimes, 'outcome' | 'reason'> {
  const lost = reached.find(({ phase }) => phase === 'lost');
  if (lost !== undefined) return { outcome: 'lost', reason: lost.reason };
  if (at.activate !== null) {
    if (at['source-freed'] !== null) return { outcome: 'completed', reason: '' };
    return { outcome: 'unfinished', reason: 'pages were still at the source when the run ended' };
  }
  const failure = reached.findLast(({ phase }) => phase === 'failed');
  if (failure !== undefined) return { outcome: 'failed', reason: failure.reason };
  return { outcome: 'unfinished', reason: 'did not complete before the run ended' };
}

function unreached(): Record<PhaseReached['phase'], number | null> {
  return {
    request: null,
    reserve: null,
    round: null,
    stop: null,
    'memory-complete': null,
    'context-complete': null,
    commit: null,
    activate: null,
    'source-freed': null,
    learnt: null,
    'cleaned-up': null,
    failed: null,
    lost: null,
  };
}

/**
 * When a VM last came back to life after a pause: the activation of its last migration, or the failure of one
 * that had paused it already. Null for a VM that was never paused.
 */
export function lastResumeNs(migrations: readonly MigrationTimes[], vm: string): number | null {
  const resumes = migrations
    .filter((migration) => migration.vm === vm && migration.at.stop !== null)
    .map(({ at }) => at.activate ?? at.failed)
    .filter((timeNs) => timeNs !== null);
  return resumes.length === 0 ? null : Math.max(...resumes);
}

/** When a VM was paused for the first time, or null. */
export function firstFreezeNs(migrations: readonly MigrationTimes[], vm: string): number | null {
  const freezes = migrations
    .filter((migration) => migration.vm === vm)
    .map(({ at }) => at.stop)
    .filter((timeNs) => timeNs !== null);
  return freezes.length === 0 ? null : Math.min(...freezes);
}
