import type { TimelineExample } from '../timeline-file.ts';
import type { Counts } from '../summary.ts';
import { wholeNumber } from '../three-digits.ts';
import { element, escaped, prose, table } from './markup.ts';
import { runInWords } from './run-in-words.ts';
import type { RunOnDisk } from './run-on-disk.ts';
import { shownMoment, shownTime } from './shown.ts';

/** What happened in one run, in words. */
export function wordsOf(run: RunOnDisk): string {
  const items = runInWords(run).flatMap(({ heading, text }) => [
    element('dt', {}, [escaped(heading)]),
    element('dd', {}, [prose(text)]),
  ]);
  return element('dl', { class: 'words' }, items);
}

/** Packets by fate and cause, each with one that shows it. */
export function packetsOf(run: RunOnDisk): string {
  const { exposure } = run.summary;
  const attacksDropped = run.drops.filter(({ intent }) => intent !== 'legitimate');
  const sections = [
    evidence(run, 'Wrongly accepted', 'wrongly-accepted', 'cause', exposure.wrongly_accepted_by_cause),
    evidence(run, 'Wrongly dropped', 'wrongly-dropped', 'cause', exposure.wrongly_dropped_by_cause),
    evidence(run, 'Attacks delivered', 'attack-delivered', 'intent', exposure.attacks_delivered_by_kind),
    evidence(
      run,
      'Legitimate packets dropped by an engine',
      'dropped',
      'cause',
      exposure.legitimate_dropped_by_cause,
    ),
    evidence(
      run,
      'Legitimate packets lost on the way',
      'dropped',
      'cause',
      exposure.legitimate_lost_by_cause,
    ),
    evidence(
      run,
      'Attacks dropped',
      'dropped-attack',
      'cause',
      countBy(attacksDropped.map(({ cause }) => cause)),
    ),
  ].filter((section) => section !== '');
  return sections.length === 0 ? element('p', {}, ['Every packet arrived.']) : sections.join('');
}

/** Counts by cause or kind, beside the packet that shows it best: the first after the pause, if there is one. */
function evidence(
  { timeline }: RunOnDisk,
  title: string,
  fate: string,
  by: 'cause' | 'intent',
  counts: Counts,
): string {
  const names = Object.entries(counts).filter(([, count]) => count > 0);
  if (names.length === 0) return '';
  const rows = names.map(([name, count]) => {
    const example = timeline.examples.find((each) => isOf(each, fate) && each[by] === name);
    return [escaped(name), wholeNumber(count), ...(example === undefined ? ['', ''] : shown(example))];
  });
  const head = [by === 'cause' ? 'Cause' : 'Kind', 'Packets', 'For example', 'Where and when'];
  return element('h4', {}, [escaped(title)]) + table('evidence', head, rows);
}

function isOf({ fate, intent }: TimelineExample, wanted: string): boolean {
  if (wanted === 'dropped-attack') return fate === 'dropped' && intent !== 'legitimate';
  if (wanted === 'dropped') return fate === 'dropped' && intent === 'legitimate';
  return fate === wanted;
}

function shown({ packet, place, time_ms, flow, intent }: TimelineExample): string[] {
  const what = intent === 'legitimate' ? '' : `${intent}, `;
  const where = `${what}flow ${flow}, at ${place}, ${shownMoment(time_ms)}`;
  return [element('code', {}, [escaped(packet)]), escaped(where)];
}

function countBy(names: readonly string[]): Counts {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What each engine had at the freeze and what became of it; how long the VM was open to each kind of probe. */
export function contextOf({ summary }: RunOnDisk): string {
  const engines = summary.context.engines.map((engine) => [
    ...[escaped(engine.engine), wholeNumber(engine.items_at_freeze), wholeNumber(engine.missing)],
    ...[engine.downgraded, engine.stale, engine.resurrected, engine.left_behind].map(wholeNumber),
  ]);
  const head = ['Engine', 'At the freeze', 'Missing', 'Downgraded', 'Stale', 'Resurrected', 'Left behind'];
  const windows = Object.entries(summary.exposure.window_ms).filter(([, windowMs]) => windowMs > 0);
  const open = windows.map(([kind, windowMs]) => [escaped(kind), escaped(shownTime(windowMs))]);
  return [
    engines.length === 0
      ? ''
      : element('h4', {}, ['Entries of the engines']) + table('numbers', head, engines),
    open.length === 0
      ? ''
      : element('h4', {}, ['How long the VM was open to probes']) +
        table('numbers', ['Probe', 'Open for'], open),
  ].join('');
}
