import type { RunRows } from '../run-rows.ts';
import { quantiles } from '../statistics.ts';
import { migrationTimes } from './migration-times.ts';

/** Quantiles of the time from a message's offer to its delivery, ns; null without a message. */
export interface MessageLatency {
  readonly p50Ns: number | null;
  readonly p99Ns: number | null;
  readonly p999Ns: number | null;
}

/**
 * Latency of the messages offered while a migration was under way: from the first request to the last activation
 * or failure. `moved` is the run with the migrations; the control is measured over the same window, so that the
 * difference is the migration's. Quantiles of type 7.
 */
export function messageLatency(rows: RunRows, moved: RunRows): MessageLatency {
  const { fromNs, toNs } = messageWindowNs(moved);
  return latencyOf(rows.messages.latenciesNs(fromNs, toNs));
}

/** Their quantiles. */
export function latencyOf(latenciesNs: readonly number[]): MessageLatency {
  const [p50, p99, p999] = quantiles(latenciesNs, [0.5, 0.99, 0.999]);
  return { p50Ns: p50 ?? null, p99Ns: p99 ?? null, p999Ns: p999 ?? null };
}

/** The time over which messages are measured: from the first request to the last activation or failure; all without migration. */
export function messageWindowNs(moved: RunRows): { readonly fromNs: number; readonly toNs: number } {
  const migrations = migrationTimes(moved.phases);
  const starts = migrations.map(({ at }) => at.request).filter((timeNs) => timeNs !== null);
  const ends = migrations.map(({ at }) => at.activate ?? at.failed ?? moved.endNs);
  const fromNs = starts.length === 0 ? 0 : Math.min(...starts);
  const toNs = ends.length === 0 ? Infinity : Math.max(...ends);
  return { fromNs, toNs };
}
