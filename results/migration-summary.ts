import { ms } from '../sim/time.ts';
import { inMs } from './in-ms.ts';
import { copiedVolume } from './measures/copy-rounds.ts';
import type { CopyRound } from './measures/copy-rounds.ts';
import { downtimeNs } from './measures/downtime.ts';
import type { MigrationTimes } from './measures/migration-times.ts';
import { pauseParts } from './measures/pause-parts.ts';
import { settledTimeNs } from './measures/settled-time.ts';
import { totalTimeNs } from './measures/total-time.ts';
import type { RunResult } from './run-result.ts';

/** One attempt to migrate a VM as JSON; times in ms, null where the run did not get that far. */
export interface MigrationSummary {
  readonly migration: string;
  /** The migration of the scenario, of which this is the first attempt, the second, and so on. */
  readonly move: string;
  readonly attempt: number;
  readonly vm: string;
  readonly source: string;
  readonly destination: string;
  readonly outcome: MigrationTimes['outcome'];
  /** Why it failed, or that it did not complete; empty otherwise. */
  readonly reason: string;
  /** Simulated time of the request. */
  readonly requested_ms: number | null;
  readonly total_ms: number | null;
  readonly settled_ms: number | null;
  readonly downtime_ms: number | null;
  /** The parts of the downtime: memory and devices, context alone, and the rest. */
  readonly memory_stop_ms: number | null;
  readonly context_stop_ms: number | null;
  readonly other_stop_ms: number | null;
  readonly context_stop_busy_ms: number | null;
  readonly rounds: number;
  readonly memory_bytes: number;
  readonly context_items: number;
  readonly context_bytes: number;
  readonly per_round: readonly RoundSummary[];
  /** Context that travelled before the first round and after the resume: with the rounds', all there is. */
  readonly context_before: { readonly items: number; readonly bytes: number };
  readonly context_after: { readonly items: number; readonly bytes: number };
}

export interface RoundSummary {
  readonly ms: number;
  readonly pages: number;
  readonly bytes: number;
  readonly context_items: number;
  readonly context_bytes: number;
}

/** All measures of one migration of a run. */
export function summarizeMigration(run: RunResult, times: MigrationTimes): MigrationSummary {
  const spec = run.scenario.migrations.find(({ name }) => name === times.migration);
  const parts = pauseParts(run.rows, times);
  const volume = copiedVolume(run.rows, times);
  return {
    migration: times.migration,
    move: spec?.move ?? times.migration,
    attempt: spec?.attempt ?? 1,
    vm: times.vm,
    source: spec?.source ?? '',
    destination: spec?.destination ?? '',
    outcome: times.outcome,
    reason: times.reason,
    requested_ms: inMs(times.at.request),
    total_ms: inMs(totalTimeNs(times)),
    settled_ms: inMs(settledTimeNs(times)),
    downtime_ms: inMs(downtimeNs(times)),
    memory_stop_ms: inMs(parts?.memoryNs ?? null),
    context_stop_ms: inMs(parts?.contextStopNs ?? null),
    other_stop_ms: inMs(parts?.otherNs ?? null),
    context_stop_busy_ms: inMs(parts?.contextStopBusyNs ?? null),
    rounds: volume.rounds.length,
    memory_bytes: volume.memoryBytes,
    context_items: volume.contextItems,
    context_bytes: volume.contextBytes,
    per_round: volume.rounds.map(summarizeRound),
    context_before: volume.reserved,
    context_after: volume.late,
  };
}

function summarizeRound(round: CopyRound): RoundSummary {
  return {
    ms: round.durationNs / ms,
    pages: round.pages,
    bytes: round.memoryBytes,
    context_items: round.contextItems,
    context_bytes: round.contextBytes,
  };
}
