import type { Migration } from '../models/migration/migration.ts';
import type { Trigger } from './scenario.ts';

/** Calls back once: when the first of a trigger's migrations reaches its phase. Never, where nothing migrates. */
export function whenReached(
  { migrations: names, phase }: Extract<Trigger, { readonly kind: 'phase' }>,
  migrations: ReadonlyMap<string, Migration>,
  then: () => void,
): void {
  let reached = false;
  for (const name of names) {
    migrations.get(name)?.phases[phase].listen(() => {
      if (!reached) then();
      reached = true;
    });
  }
}
