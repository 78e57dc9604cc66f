import { lastAttempts } from '../last-attempts.ts';
import { connectionLanes } from './connection-lanes.ts';
import type { WordList } from '../word-list.ts';
import { packetLanes } from './packet-lanes.ts';
import type { PageData, PageRun, PageTraffic, PageView } from './page-data.ts';
import type { RunOnDisk, SeriesOnDisk } from './run-on-disk.ts';
import { timelineLanes } from './timeline-lanes.ts';

/** All that the page draws of one run. */
export function pageRun(run: RunOnDisk, words: WordList): PageRun {
  return {
    scheme: run.scheme,
    endMs: run.timeline.end_ms,
    timeline: [...timelineLanes(run, words), ...packetLanes(run, words)],
    connections: connectionLanes(run, words),
    traffic: traffic(run.series),
  };
}

function traffic(series: readonly SeriesOnDisk[]): PageTraffic {
  const column = (name: keyof SeriesOnDisk): number[] => series.map((row) => row[name]);
  return {
    binMs: series[0]?.lengthMs ?? 10,
    startMs: column('startMs'),
    bytes: column('bytes'),
    attacks: column('attacks'),
    legitimateDropped: column('legitimateDropped'),
    lost: column('lost'),
    attacksDropped: column('attacksDropped'),
  };
}

/** When guests stopped and ran again, in the last attempt of each migration. */
function pauseTimes({ summary, timeline }: RunOnDisk): number[] {
  const last = new Set(lastAttempts(summary.migrations).map(({ migration }) => migration));
  return timeline.phases
    .filter(({ phase, migration }) => ['stop', 'activate', 'failed'].includes(phase) && last.has(migration))
    .map(({ time_ms }) => time_ms);
}

/** Stretches of time that all runs share, so that schemes are seen over the same one. */
export function pageViews(runs: readonly RunOnDisk[]): Pick<PageData, 'views' | 'firstView'> {
  const endMs = runs.reduce((end, { timeline }) => Math.max(end, timeline.end_ms), 0);
  const times = (phases: readonly string[]): number[] =>
    runs.flatMap(({ timeline }) =>
      timeline.phases.filter(({ phase }) => phases.includes(phase)).map(({ time_ms }) => time_ms),
    );
  const around = (name: string, inside: readonly number[], before: number, after: number): PageView[] => {
    if (inside.length < 2) return [];
    const [first, last] = [Math.min(...inside), Math.max(...inside)];
    const lengthMs = Math.max(last - first, 1);
    const fromMs = Math.max(0, first - before * lengthMs);
    return [{ name, fromMs, toMs: Math.min(endMs, last + after * lengthMs) }];
  };
  const busyMs = runs.reduce((last, { series }) => Math.max(last, series.at(-1)?.startMs ?? 0), 0);
  const views = [
    { name: 'Whole run', fromMs: 0, toMs: endMs },
    ...(busyMs > 0 && busyMs < 0.6 * endMs ? [{ name: 'Busy part', fromMs: 0, toMs: 1.02 * busyMs }] : []),
    ...around('The move', times(['request', 'activate', 'failed', 'learnt']), 0.06, 0.12),
    ...around('The pause', runs.flatMap(pauseTimes), 0.5, 1),
  ];
  const move = views.findIndex(({ name }) => name === 'The move');
  return { views, firstView: Math.max(0, move) };
}
