import { cpuTasks, type CpuTask } from '../models/observations.ts';
import { movePeriods, type MovePeriod } from './cpu-rows.ts';
import type { Cell } from './data-table.ts';
import { lastAttempts } from './last-attempts.ts';
import type { MigrationSummary } from './migration-summary.ts';
import { quantile } from './statistics.ts';
import type { EngineSummary } from './engine-summary.ts';
import type { RunSummary } from './summary.ts';

/** One measure of a run as a column of `runs.csv`. */
export interface RunColumn {
  readonly column: string;
  readonly unit: string;
  /** What the numbers are, and so which interval is fit for them. */
  readonly kind: 'number' | 'share' | 'count' | 'text';
  readonly meaning: string;
  /** Which file of the program measures it. */
  readonly source: string;
  readonly of: (summary: RunSummary) => Cell;
}

/** Every column that a run has beside its factors, in order. Of several migrations in a run, times are the median. */
export const runColumns: readonly RunColumn[] = [
  count(
    'migrations',
    'migrations that were requested',
    'migration-times',
    (run) => lastAttempts(run.migrations).length,
  ),
  count('attempts', 'attempts at them', 'migration-times', (run) => run.migrations.length),
  count(
    'completed',
    'migrations that were completed',
    'migration-times',
    (run) => run.migrations.filter(({ outcome }) => outcome === 'completed').length,
  ),
  time('total_ms', 'request accepted to memory of the source freed', 'total-time', (move) => move.total_ms),
  time('settled_ms', 'request accepted to everything settled', 'settled-time', (move) => move.settled_ms),
  time(
    'downtime_ms',
    'last instruction at the source to the first at the destination',
    'downtime',
    (move) => move.downtime_ms,
  ),
  time(
    'memory_stop_ms',
    'part of the downtime: memory and devices',
    'pause-parts',
    (move) => move.memory_stop_ms,
  ),
  time(
    'context_stop_ms',
    'part of the downtime: security context alone',
    'pause-parts',
    (move) => move.context_stop_ms,
  ),
  time('other_stop_ms', 'part of the downtime: the rest', 'pause-parts', (move) => move.other_stop_ms),
  time(
    'context_stop_busy_ms',
    'time in the pause in which a context task is open',
    'pause-parts',
    (move) => move.context_stop_busy_ms,
  ),
  measure(
    'rounds',
    'rounds',
    'number',
    'rounds of memory copying, of several migrations the median',
    'copy-rounds',
    (run) => medianOf(run, ({ rounds }) => rounds),
  ),
  measure('memory_bytes', 'bytes', 'number', 'memory that was sent', 'copy-rounds', (run) =>
    sumOf(run.migrations, ({ memory_bytes }) => memory_bytes),
  ),
  count('context_items', 'context entries that were sent', 'copy-rounds', (run) =>
    sumOf(run.migrations, ({ context_items }) => context_items),
  ),
  measure('context_bytes', 'bytes', 'number', 'security context that was sent', 'copy-rounds', (run) =>
    sumOf(run.migrations, ({ context_bytes }) => context_bytes),
  ),
  measure(
    'context_cpu_ms',
    'ms',
    'number',
    'CPU time of all hosts for reading and writing security context',
    'host-cpu',
    (run) => run.context_cpu_ms,
  ),
  outcome('connections_total', 'connections', 'total'),
  outcome('connections_untouched', 'connections without a trace of the move', 'untouched'),
  outcome('connections_stalled', 'connections with a message 10 ms or more later', 'stalled'),
  outcome('connections_reset', 'connections that were reset', 'reset'),
  outcome('connections_hung', 'connections that hung', 'hung'),
  outcome('connections_reconnected', 'connections that had to be opened again', 'reconnected'),
  outcome('connections_latent_dead', 'silent connections whose next packet would be dropped', 'latent_dead'),
  outcome('connections_half_open', 'connections that only one end still has', 'half_open'),
  outcome('connections_unresolved', 'connections not judged when the run ended', 'unresolved'),
  gap(
    'probe_longest_ms',
    'longest run of lost probes',
    'probe-gap',
    (run) => run.service_gap_ms.probe_longest,
  ),
  gap('probe_lost_ms', 'lost probes times their period', 'probe-gap', (run) => run.service_gap_ms.probe_lost),
  gap(
    'tcp_gap_p50_ms',
    'median of the longest intervals without progress',
    'tcp-gap',
    (run) => run.service_gap_ms.tcp_p50,
  ),
  gap(
    'tcp_gap_max_ms',
    'longest interval without progress while data is owed',
    'tcp-gap',
    (run) => run.service_gap_ms.tcp_max,
  ),
  gap(
    'message_p50_ms',
    'latency of messages during the move, median',
    'message-latency',
    (run) => run.message_latency_ms.p50,
  ),
  gap(
    'message_p99_ms',
    'latency of messages during the move, p99',
    'message-latency',
    (run) => run.message_latency_ms.p99,
  ),
  gap(
    'message_p999_ms',
    'latency of messages during the move, p99.9',
    'message-latency',
    (run) => run.message_latency_ms.p999,
  ),
  engines('context_at_freeze', 'entries held when the VM is frozen', (engine) => engine.items_at_freeze),
  engines('context_missing', 'entries that are gone at the resume', (engine) => engine.missing),
  engines('context_downgraded', 'entries that have lost fidelity', (engine) => engine.downgraded),
  engines('context_stale', 'entries whose fields differ from the source’s', (engine) => engine.stale),
  engines('context_resurrected', 'entries that the source had removed', (engine) => engine.resurrected),
  engines('context_left_behind', 'entries that the source still holds', (engine) => engine.left_behind),
  ...lossColumns('missing', 'gone at the resume'),
  ...lossColumns('downgraded', 'there with less fidelity'),
  ...lossColumns('stale', 'there with fields of another time'),
  count(
    'attacks_delivered',
    'attack packets that reached a guest',
    'intent-exposure',
    (run) => run.exposure.attacks_delivered,
  ),
  count(
    'legitimate_dropped',
    'legitimate packets dropped by a verdict',
    'intent-exposure',
    (run) => run.exposure.legitimate_dropped,
  ),
  count(
    'wrongly_accepted',
    'first divergences from an engine that never moved: accepted',
    'reference-divergence',
    (run) => run.exposure.wrongly_accepted,
  ),
  count(
    'wrongly_dropped',
    'first divergences from an engine that never moved: dropped',
    'reference-divergence',
    (run) => run.exposure.wrongly_dropped,
  ),
  count(
    'consequent',
    'divergences that follow from a first one',
    'reference-divergence',
    (run) => run.exposure.consequent,
  ),
  count(
    'spared',
    'divergences that the run without migration has and this one has not',
    'reference-divergence',
    (run) => run.exposure.spared,
  ),
  gap(
    'window_max_ms',
    'longest time in which a probe of some kind would have reached the VM',
    'exposure-window',
    (run) => Object.values(run.exposure.window_ms).reduce((longest, ms) => Math.max(longest, ms), 0),
  ),
  ...movePeriods.map((period) =>
    measure(
      `goodput_${period}_mbps`,
      'Mbit/s',
      'number',
      `payload of messages that arrived, ${period} the move`,
      'host-cpu',
      (run) => run.goodput_mbps[period],
    ),
  ),
  ...cpuTasks.flatMap((task) =>
    movePeriods.map((period) =>
      measure(
        `${task}_${period}_cpus`,
        'CPUs',
        'number',
        `CPUs of all hosts in use for ${task}, ${period} the move`,
        'host-cpu',
        (run) => cpusOf(run, task, period),
      ),
    ),
  ),
  measure(
    'transparent',
    'ratio',
    'share',
    '1 when the run is a valid execution without migration',
    'transparency',
    (run) => (run.transparent ? 1 : 0),
  ),
  count(
    'fields_assumed',
    'fields of the scheme that rest on an assumption',
    'scheme presets',
    (run) => run.fields_assumed,
  ),
  count('events', 'events that the simulation ran', 'simulation', (run) => run.events),
  count('packets', 'packets that guests and peers sent', 'cluster', (run) => run.packets),
];

/** A run's values, in the order of {@link runColumns}. */
export function runValues(summary: RunSummary): Cell[] {
  return runColumns.map((column) => column.of(summary));
}

/** Null for a period that the run does not have. */
function cpusOf(run: RunSummary, task: CpuTask, period: MovePeriod): number | null {
  const uses = run.host_cpu.filter((use) => use.period === period);
  return uses.length === 0 ? null : sumOf(uses, (use) => use[`${task}_cpus`]);
}

function measure(
  column: string,
  unit: string,
  kind: RunColumn['kind'],
  meaning: string,
  source: string,
  of: RunColumn['of'],
): RunColumn {
  return { column, unit, kind, meaning, source: `results/measures/${source}`, of };
}

function count(column: string, meaning: string, source: string, of: RunColumn['of']): RunColumn {
  return measure(column, 'count', 'count', meaning, source, of);
}

function time(
  column: string,
  meaning: string,
  source: string,
  of: (migration: MigrationSummary) => number | null,
): RunColumn {
  return measure(column, 'ms', 'number', meaning, source, (run) => medianOf(run, of));
}

function gap(column: string, meaning: string, source: string, of: RunColumn['of']): RunColumn {
  return measure(column, 'ms', 'number', meaning, source, of);
}

function outcome(column: string, meaning: string, field: keyof RunSummary['connections']): RunColumn {
  return count(column, meaning, 'connection-outcome', (run) => run.connections[field]);
}

function engines(column: string, meaning: string, of: (engine: EngineSummary) => number): RunColumn {
  return count(column, meaning, 'context-loss', (run) => sumOf(run.context.engines, of));
}

function lossColumns(kind: 'missing' | 'downgraded' | 'stale', means: string): RunColumn[] {
  return [
    engines(
      `context_${kind}_connections`,
      `live connections that are served by entries that are ${means}`,
      (engine) => engine.live_connections[kind],
    ),
    measure(
      `context_${kind}_bytes`,
      'bytes',
      'number',
      'what those connections carry in the 60 s after the resume, in the run without migration',
      'context-loss',
      (run) => sumOf(run.context.engines, (engine) => engine.bytes_next_60s[kind]),
    ),
  ];
}

function medianOf(
  { migrations }: RunSummary,
  of: (migration: MigrationSummary) => number | null,
): number | null {
  return quantile(
    migrations.map(of).filter((value) => value !== null),
    0.5,
  );
}

function sumOf<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0);
}
