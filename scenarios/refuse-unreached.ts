import type { Scheme } from '../models/migration/scheme.ts';
import type { AwaitedPhase } from '../models/migration/phase-signals.ts';
import type { FileProblem } from './file/file-problems.ts';
import type { ParsedFile } from './parse-file.ts';
import type { ResolveProblems } from './resolve-problems.ts';
import type { MigrationSpec, Scenario } from './scenario.ts';
import type { FieldPath } from './source-problem.ts';

interface AwaitedMove {
  readonly migration: string;
  readonly phase: AwaitedPhase;
}

/** Notes that a migration waits for a phase to which the scheme of another one never gets: it would never begin. */
export function refuseUnreached(
  path: FieldPath,
  after: AwaitedMove | undefined,
  migrations: readonly MigrationSpec[],
  problems: ResolveProblems,
): void {
  const message = neverReached(after, migrations);
  if (message !== null) problems.add([...path, 'after', 'phase'], message, another);
}

/** Warns of faults that never strike for the same reason: of many schemes and phases some go by themselves. */
export function idleFaults({ migrations }: Scenario, { file, pathOf }: ParsedFile): FileProblem[] {
  return file.faults.flatMap(({ after }, index) => {
    const message = neverReached(after, migrations);
    if (message === null) return [];
    const path = [...pathOf('faults', index), 'after', 'phase'];
    return [{ path, atKey: false, message: `never strikes: ${message}`, allowed: another }];
  });
}

const another = 'another phase, or another scheme';

function neverReached(after: AwaitedMove | undefined, migrations: readonly MigrationSpec[]): string | null {
  const awaited = after && migrations.find(({ move }) => move === after.migration);
  if (after === undefined || awaited === undefined) return null;
  const reason = whyNever(awaited.scheme, after.phase);
  return reason === null ? null : `${after.migration} moves under ${awaited.scheme.name}, ${reason}`;
}

function whyNever({ memory, cleanup }: Scheme, phase: AwaitedPhase): string | null {
  if (phase === 'cleaned-up' && cleanup.when === 'never') return 'which never cleans up';
  const roundless = memory.kind === 'stop-and-copy' || memory.kind === 'post-copy';
  if (phase === 'round' && roundless) return `whose memory plan, ${memory.kind}, has no rounds`;
  return null;
}
