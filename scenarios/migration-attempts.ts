import type { MigrationSpec } from './scenario.ts';

/**
 * The attempts of a migration, each a migration of its own: one begins a pause after the one before it has failed. The
 * first has the migration's name, the others `NAME.try-2` and so on.
 */
export function migrationAttempts(first: MigrationSpec, attempts: number, pauseNs: number): MigrationSpec[] {
  const names = attemptNames(first.name, attempts);
  return names.map((name, index) => {
    const before = names[index - 1];
    if (before === undefined) return first;
    const trigger = { kind: 'phase', migrations: [before], phase: 'failed', delayNs: pauseNs } as const;
    return { ...first, name, attempt: index + 1, trigger };
  });
}

/** Names of a migration's attempts, in order. */
export function attemptNames(move: string, attempts: number): string[] {
  return Array.from({ length: attempts }, (_, index) => (index === 0 ? move : `${move}.try-${index + 1}`));
}
