import type { MovesOnDisk, SeriesOnDisk } from './report/run-on-disk.ts';
import type { TimelineFile, TimelineRound, TimelineTask } from './timeline-file.ts';

/** One migration of a run over time, and what came through and what did not. Times are simulated ms. */
export interface MoveTimeline {
  readonly scheme: string;
  readonly migration: string;
  readonly vm: string;
  readonly source: string;
  readonly destination: string;
  readonly requestMs: number;
  /** Null where the guest was never stopped. */
  readonly stopMs: number | null;
  /** When it ran again, at the destination or, after a failure, at the source; null where the run ended before. */
  readonly resumeMs: number | null;
  readonly failed: boolean;
  /** When memory and context were all there and every switch knew. */
  readonly doneMs: number;
  readonly rounds: readonly TimelineRound[];
  readonly tasks: readonly TimelineTask[];
  readonly contextItems: number;
  readonly contextBytes: number;
  readonly announcedMs: readonly number[];
  readonly learntMs: readonly number[];
  /** The first packets after the resume: at the VM, and of the VM at a peer. */
  readonly firstInMs: number | null;
  readonly firstOutMs: number | null;
  /** Packets of the whole run, of all its VMs. */
  readonly series: readonly SeriesOnDisk[];
}

/**
 * The migration of that name, or the first that was completed, or the first at all. Null where the run has none:
 * the control, or another name.
 */
export function moveTimeline(run: MovesOnDisk, name: string | null): MoveTimeline | null {
  const { migrations } = run.summary;
  const found =
    name === null
      ? (migrations.find(({ outcome }) => outcome === 'completed') ?? migrations[0])
      : migrations.find(({ migration }) => migration === name);
  if (found === undefined) return null;
  const { migration, vm, source, destination } = found;
  const { timeline, series } = run;
  const own = <T extends { readonly migration: string }>(rows: readonly T[]): T[] =>
    rows.filter((row) => row.migration === migration);
  const at = (phase: string): number | null =>
    own(timeline.phases).findLast((row) => row.phase === phase)?.time_ms ?? null;
  const requestMs = at('request');
  if (requestMs === null) return null;
  const [rounds, tasks] = [own(timeline.rounds), own(timeline.context_tasks)];
  const resumeMs = at('activate') ?? at('failed');
  const ends = [resumeMs, at('learnt'), ...[...rounds, ...tasks].map(({ end_ms }) => end_ms)];
  const first = (to: string): number | null =>
    own(timeline.first_packets).find((row) => row.to === to)?.time_ms ?? null;
  return {
    ...{ scheme: run.scheme, migration, vm, source, destination, requestMs, stopMs: at('stop'), resumeMs },
    failed: at('failed') !== null,
    doneMs: Math.max(requestMs, ...ends.filter((end) => end !== null)),
    ...{ rounds, tasks, series },
    ...{ contextItems: found.context_items, contextBytes: found.context_bytes },
    announcedMs: own(timeline.announcements).map(({ time_ms }) => time_ms),
    learntMs: learntMs(timeline, vm, requestMs),
    ...{ firstInMs: first('vm'), firstOutMs: first('peer') },
  };
}

/** What switches learnt between the request of this move and that of the VM's next one. */
function learntMs({ learnt, phases }: TimelineFile, vm: string, requestMs: number): number[] {
  const next = phases.find((row) => row.vm === vm && row.phase === 'request' && row.time_ms > requestMs);
  return learnt
    .filter((row) => row.vm === vm && row.time_ms >= requestMs && row.time_ms < (next?.time_ms ?? Infinity))
    .map(({ time_ms }) => time_ms);
}
