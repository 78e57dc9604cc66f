import { briefly } from './run-in-words.ts';
import type { RunOnDisk } from './run-on-disk.ts';
import { listed, shownCount, shownTime } from './shown.ts';

/** The first sentences of a report: what is the upshot. */
export function comparisonInWords(runs: readonly RunOnDisk[]): string {
  const moved = runs.filter(({ summary }) => summary.migrations.length > 0);
  const [only] = moved;
  if (only === undefined) return 'Nothing moves in these runs.';
  if (moved.length === 1) return oneRun(only);
  const good = moved.filter((run) => run.summary.transparent && isCompleted(run));
  const stayed = moved.filter((run) => run.summary.transparent && !isCompleted(run));
  const bad = moved.filter(({ summary }) => !summary.transparent);
  const names = (of: readonly RunOnDisk[]): string => listed(of.map(({ scheme }) => scheme));
  const first =
    good.length === 0
      ? `None of the ${moved.length} schemes moved without harm.`
      : `Of ${moved.length} schemes, ${good.length === 1 ? 'one' : good.length} moved without harm to clients or protection: ${names(good)}.`;
  const gaveUp = stayed.length === 0 ? '' : ` Nothing was moved to the end under ${names(stayed)}.`;
  const harm = bad.map(harmOf).filter((text) => text !== '');
  return `${first}${gaveUp}${harm.length === 0 ? '' : ` Of the others, ${harm.join('; ')}.`}${price(good, bad)}`;
}

function isCompleted({ summary }: RunOnDisk): boolean {
  return summary.migrations.some(({ outcome }) => outcome === 'completed');
}

function oneRun(run: RunOnDisk): string {
  const { scheme, summary } = run;
  const downtimes = summary.migrations.flatMap(({ downtime_ms }) =>
    downtime_ms === null ? [] : [downtime_ms],
  );
  const pause =
    downtimes.length === 0
      ? ''
      : ` ${downtimes.length === 1 ? 'The guest stood' : 'Guests stood'} still for ${shownTime(Math.max(...downtimes))}${downtimes.length === 1 ? '' : ' at most'}.`;
  const verdict = !isCompleted(run)
    ? `Under ${scheme} nothing was moved to the end${summary.transparent ? ', and nobody was harmed' : ''}.`
    : summary.transparent
      ? `Under ${scheme} the move did no harm to clients or protection.`
      : `Under ${scheme} the move left its mark: ${listed(briefly(summary.not_transparent_because))}.`;
  return verdict + pause;
}

/** What a scheme did to connections and to protection. */
function harmOf({ scheme, summary: { connections: of, exposure } }: RunOnDisk): string {
  const broken = of.hung + of.reset + of.latent_dead + of.half_open + of.reconnected + of.unresolved;
  const parts = [
    ...(broken === 0 ? [] : [`broke ${broken} of ${shownCount(of.total, 'connection')}`]),
    ...(exposure.wrongly_accepted === 0
      ? []
      : [`let ${shownCount(exposure.wrongly_accepted, 'flow')} in that should have stayed out`]),
  ];
  return parts.length === 0 ? '' : `${scheme} ${listed(parts)}`;
}

/** What the harmless ones pay for it, in downtime. */
function price(good: readonly RunOnDisk[], bad: readonly RunOnDisk[]): string {
  const shortest = (runs: readonly RunOnDisk[]): number =>
    runs
      .flatMap(({ summary }) => summary.migrations.map(({ downtime_ms }) => downtime_ms ?? Infinity))
      .reduce((least, downtimeMs) => Math.min(least, downtimeMs), Infinity);
  const [harmless, harmful] = [shortest(good), shortest(bad)];
  if (harmless === Infinity || harmful === Infinity || harmless <= harmful) return '';
  return ` The price is in the downtime: ${shownTime(harmless)} at best, against ${shownTime(harmful)}.`;
}
