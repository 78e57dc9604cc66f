import type { Comparison } from './compare.ts';
import type { RunSummary } from './summary.ts';

/**
 * What the numbers of a comparison do not say by themselves, one sentence each: why a migration did not complete, and
 * where the two witnesses of exposure disagree: what packets meant to do, and what the reference that never moved
 * would have let through. The reference shares its code with the engines under test, intent does not.
 */
export function comparisonNotes({ schemes }: Comparison): string[] {
  return schemes.flatMap((summary) =>
    [...endings(summary), ...disagreements(summary)].map((note) => `${summary.scheme}: ${note}`),
  );
}

/** Each outcome and reason once, with the number of migrations, or of attempts at them, that ended so. */
function endings({ migrations }: RunSummary): string[] {
  const counts = new Map<string, number>();
  for (const { outcome, reason } of migrations) {
    if (outcome === 'completed') continue;
    const ending = `${outcome}: ${reason}`;
    counts.set(ending, (counts.get(ending) ?? 0) + 1);
  }
  const what = migrations.some(({ attempt }) => attempt > 1) ? 'attempts' : 'migrations';
  return [...counts].map(([ending, count]) => `${count} of ${migrations.length} ${what} ${ending}`);
}

function disagreements(summary: RunSummary): string[] {
  const { exposure, explained_by_delay: explained, not_transparent_because: reasons } = summary;
  const intentSees = (what: string): boolean =>
    [...explained, ...reasons].some((text) => text.includes(what));
  const found = explained.map(
    (text) =>
      `${text}, which the reference would have judged the same: delay explains it, or a shared mistake`,
  );
  const only = (count: number, kind: string, meant: string): void => {
    if (count > 0 && !intentSees(meant))
      found.push(
        `the reference finds ${count} flows wrongly ${kind}, intent no more ${meant} than without migration`,
      );
  };
  only(exposure.wrongly_accepted, 'accepted', 'attacks delivered');
  only(exposure.wrongly_dropped, 'dropped', 'legitimate packets dropped');
  return found;
}
