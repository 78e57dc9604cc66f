import type { Scheme } from '../models/migration/scheme.ts';
import type { AwaitedPhase } from '../models/migration/phase-signals.ts';
import type { ResolveProblems } from './resolve-problems.ts';
import type { MigrationSpec } from './scenario.ts';
import type { FieldPath } from './source-problem.ts';

interface AwaitedMove {
  readonly migration: string;
  readonly phase: AwaitedPhase;
}

/** Notes that something waits for a phase to which the scheme of that migration never gets. */
export function refuseUnreached(
  path: FieldPath,
  after: AwaitedMove | undefined,
  migrations: readonly MigrationSpec[],
  problems: ResolveProblems,
): void {
  if (after === undefined) return;
  const awaited = migrations.find(({ move }) => move === after.migration);
  const reason = awaited === undefined ? null : whyNever(awaited.scheme, after.phase);
  if (awaited === undefined || reason === null) return;
  const message = `${after.migration} moves under ${awaited.scheme.name}, ${reason}`;
  problems.add([...path, 'after', 'phase'], message, 'another phase, or another scheme');
}

function whyNever({ memory, cleanup }: Scheme, phase: AwaitedPhase): string | null {
  if (phase === 'cleaned-up' && cleanup.when === 'never') return 'which never cleans up';
  const roundless = memory.kind === 'stop-and-copy' || memory.kind === 'post-copy';
  if (phase === 'round' && roundless) return `whose memory plan, ${memory.kind}, has no rounds`;
  return null;
}
