import { ms } from '../sim/time.ts';
import { migrationTimes } from './measures/migration-times.ts';
import type { RunResult } from './run-result.ts';

/** What came through and what did not around the pause of a scheme's first migration. */
export interface PauseTimeline {
  readonly scheme: string;
  readonly downtimeMs: number;
  /** Packets a bin, around the pause, in order of time; empty ones are left out. */
  readonly bins: readonly TimelineBin[];
}

export interface TimelineBin {
  /** Since the guest stopped. */
  readonly startMs: number;
  readonly endMs: number;
  readonly legitimate: number;
  readonly attacks: number;
  readonly legitimateDropped: number;
  readonly attacksDropped: number;
  readonly lostOtherwise: number;
}

/** The part of a run that the figure shows; null when nothing was moved to the end. */
export function pauseTimeline(run: RunResult): PauseTimeline | null {
  const moved = migrationTimes(run.rows.phases).find(({ at }) => at.activate !== null);
  const { stop, activate } = moved?.at ?? { stop: null, activate: null };
  if (stop === null || activate === null) return null;
  const { binNs } = run.rows.series;
  const bins = run.rows.series
    .rows()
    .map(({ startNs, counts }) => ({
      startMs: (startNs - stop) / ms,
      endMs: (startNs + binNs - stop) / ms,
      legitimate: counts.delivered_to_vm - counts.attacks_delivered,
      attacks: counts.attacks_delivered,
      legitimateDropped: counts.legitimate_dropped_by_engine,
      attacksDropped: counts.attacks_dropped_by_engine,
      lostOtherwise: counts.dropped_otherwise,
    }))
    .filter(({ startMs, endMs }) => startMs >= beforeMs && endMs <= afterMs);
  return { scheme: run.choice.name, downtimeMs: (activate - stop) / ms, bins };
}

/** The stretch of time that is kept, ms since the guest stopped. */
export const beforeMs = -300;
export const afterMs = 1000;
