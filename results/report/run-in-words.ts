import type { MigrationSummary } from '../migration-summary.ts';
import { wholeNumber } from '../three-digits.ts';
import type { RunOnDisk } from './run-on-disk.ts';
import { listed, shownBytes, shownCount, shownMoment, shownTime } from './shown.ts';

/** Migrations that are told one by one; of more than that only the sum. */
const toldMax = 4;

/** What happened in a run, a heading and plain text for each paragraph. */
export interface Paragraph {
  readonly heading: string;
  readonly text: string;
}

export function runInWords(run: RunOnDisk): Paragraph[] {
  const { migrations } = run.summary;
  if (migrations.length === 0) {
    const text = 'Nothing moves in this run: it is the control, beside which the other schemes are seen.';
    return [{ heading: 'No move', text }, connectionsParagraph(run), exposureParagraph(run)];
  }
  const moves =
    migrations.length <= toldMax
      ? migrations.flatMap((migration) => [moveParagraph(run, migration), ...pauseParagraphs(migration)])
      : [manyMoves(migrations)];
  return [
    ...moves,
    contextParagraph(run),
    connectionsParagraph(run),
    exposureParagraph(run),
    verdictParagraph(run),
  ];
}

function moveParagraph(run: RunOnDisk, migration: MigrationSummary): Paragraph {
  const { vm, source, destination, outcome, reason, requested_ms, total_ms, rounds, attempt } = migration;
  const size = run.scenario.virtualMachines.find(({ name }) => name === vm)?.memoryBytes ?? 0;
  const asked = requested_ms === null ? '' : ` At ${shownMoment(requested_ms)} the move was requested.`;
  const sent = `${shownCount(rounds, 'round')} sent ${shownBytes(migration.memory_bytes)} of memory`;
  const context =
    migration.context_bytes === 0
      ? 'and no security context'
      : `and ${shownBytes(migration.context_bytes)} of security context (${shownCount(migration.context_items, 'item')})`;
  const took = total_ms === null ? '' : `, in ${shownTime(total_ms)} altogether`;
  const result = {
    completed: `${vm} (${(size / 2 ** 20).toFixed(0)} MiB) moved from ${source} to ${destination}${took}.`,
    failed: `${vm} was to move from ${source} to ${destination} and stayed: ${reason}.`,
    lost: `${vm} was to move from ${source} to ${destination} and was lost: ${reason}.`,
    unfinished: `${vm} was on its way from ${source} to ${destination} when the run ended.`,
  }[outcome];
  const nth = attempt === 1 ? '' : `, attempt ${attempt}`;
  return {
    heading: `${vm}: ${source} to ${destination}${nth}`,
    text: `${result}${asked} ${sent} ${context}.`,
  };
}

function pauseParagraphs(migration: MigrationSummary): Paragraph[] {
  const { vm, downtime_ms, memory_stop_ms, context_stop_ms, other_stop_ms, settled_ms } = migration;
  if (downtime_ms === null) return [];
  const parts = [
    [memory_stop_ms, 'for memory and devices'],
    [context_stop_ms, 'for the security context alone'],
    [other_stop_ms, 'for the rest'],
  ] as const;
  const shown = parts.flatMap(([ms, what]) => (ms === null || ms === 0 ? [] : [`${shownTime(ms)} ${what}`]));
  const stood = `${vm} stood still for ${shownTime(downtime_ms)}${shown.length === 0 ? '' : `: ${listed(shown)}`}.`;
  const settled =
    settled_ms === null
      ? ' Not all of it was settled when the run ended.'
      : ` ${shownTime(settled_ms)} after the request every switch had learnt and the source had cleaned up.`;
  return [{ heading: 'The pause', text: stood + settled }];
}

function manyMoves(migrations: readonly MigrationSummary[]): Paragraph {
  const count = (outcome: string): number => migrations.filter((each) => each.outcome === outcome).length;
  const downtimes = migrations.flatMap(({ downtime_ms }) => (downtime_ms === null ? [] : [downtime_ms]));
  const [least, most] = [Math.min(...downtimes), Math.max(...downtimes)].map(shownTime);
  const lengths = least === most ? (most ?? '') : `${least ?? ''} to ${most ?? ''}`;
  const range = downtimes.length === 0 ? '' : ` VMs stood still for ${lengths}.`;
  const lost = count('lost') === 0 ? '' : `, ${count('lost')} lost`;
  const fates = `${count('completed')} completed, ${count('failed')} failed, ${count('unfinished')} unfinished${lost}`;
  return { heading: 'The moves', text: `${shownCount(migrations.length, 'migration')}: ${fates}.${range}` };
}

function contextParagraph({ summary }: RunOnDisk): Paragraph {
  const told = summary.context.engines.map((engine) => {
    const { items_at_freeze: held, missing } = engine;
    const faults = [
      [engine.downgraded, 'downgraded'],
      [engine.stale, 'stale'],
      [engine.resurrected, 'resurrected'],
      [engine.left_behind, 'left behind at the source'],
    ] as const;
    const more = faults.flatMap(([count, what]) => (count === 0 ? [] : [`${wholeNumber(count)} ${what}`]));
    const there =
      missing === 0
        ? 'none was missing when the VM resumed'
        : `${wholeNumber(missing)} were missing when the VM resumed`;
    return `Engine ${engine.engine} held ${shownCount(held, 'entry', 'entries')} at the freeze; ${there}${more.length === 0 ? '' : `, ${listed(more)}`}.`;
  });
  const text =
    told.length === 0
      ? 'No engine’s context was compared, since nothing was moved to the end.'
      : told.join(' ');
  return { heading: 'Security context', text };
}

function connectionsParagraph({ summary }: RunOnDisk): Paragraph {
  const { total, ...counts } = summary.connections;
  const parts = Object.entries(counts).flatMap(([outcome, count]: [string, number]) =>
    count === 0 ? [] : [`${wholeNumber(count)} ${outcome.replaceAll('_', '-')}`],
  );
  const longest = summary.service_gap_ms.tcp_max;
  const gap = longest === null || longest === 0 ? '' : ` The longest gap was ${shownTime(longest)}.`;
  const probes = summary.service_gap_ms.probe_longest;
  const probed =
    probes === null || probes === 0 ? '' : ` Probes went unanswered for ${shownTime(probes)} at most.`;
  const text =
    total === 0
      ? 'There were no connections.'
      : `Of ${shownCount(total, 'connection')}: ${listed(parts)}.${gap}${probed}`;
  return { heading: 'Connections', text };
}

function exposureParagraph({ summary, timeline }: RunOnDisk): Paragraph {
  const { exposure } = summary;
  const first = (kind: string): string => {
    const found = timeline.divergences.find((row) => row.kind === kind);
    return found === undefined ? '' : `, the first at ${shownMoment(found.time_ms)} (${found.cause})`;
  };
  const accepted =
    exposure.wrongly_accepted === 0
      ? 'No flow was let in that the reference, which never moved, would have kept out.'
      : `${shownCount(exposure.wrongly_accepted, 'flow')} got in that the reference, which never moved, would have kept out${first('wrongly-accepted')}.`;
  const dropped =
    exposure.wrongly_dropped === 0
      ? ''
      : ` ${shownCount(exposure.wrongly_dropped, 'flow')} were shut out that it would have let in${first('wrongly-dropped')}.`;
  const open = Object.entries(exposure.window_ms).filter(([, windowMs]) => windowMs > 0);
  const longest = open.reduce((most, [, windowMs]) => Math.max(most, windowMs), 0);
  const windows =
    open.length === 0
      ? ''
      : ` For ${shownTime(longest)} at most the VM was open to probes that it is protected from: ${listed(open.map(([kind]) => kind))}.`;
  const less =
    exposure.spared === 0
      ? ''
      : ` ${shownCount(exposure.spared, 'packet')} that are judged wrongly without the move were not.`;
  return { heading: 'Protection', text: accepted + dropped + less + windows };
}

function verdictParagraph({ summary }: RunOnDisk): Paragraph {
  const text = summary.transparent
    ? 'The move was transparent: whatever guests, clients and attackers saw could have happened without it, later at most.'
    : `The move was not transparent: ${listed(briefly(summary.not_transparent_because))}.`;
  const assumed =
    summary.fields === 0
      ? ''
      : ` ${wholeNumber(summary.fields_assumed)} of the scheme’s ${summary.fields} fields rest on an assumption.`;
  return { heading: summary.transparent ? 'Transparent' : 'Not transparent', text: text + assumed };
}

/** Reasons of one kind in one: `attacks delivered (69 port-scan, 4 syn-flood)`. */
export function briefly(reasons: readonly string[]): string[] {
  const attacks = reasons.flatMap((reason) => {
    const [, count, kind] = /^(\d+) attacks delivered: (.+)$/.exec(reason) ?? [];
    return count === undefined || kind === undefined ? [] : [`${count} ${kind}`];
  });
  const others = reasons.filter((reason) => !reason.includes(' attacks delivered: '));
  return attacks.length === 0 ? others : [...others, `attacks delivered (${attacks.join(', ')})`];
}
