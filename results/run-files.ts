import { ms } from '../sim/time.ts';
import type { TcpGap } from './measures/tcp-gap.ts';
import { throughputSeries } from './measures/workload-traffic.ts';
import type { RunRows } from './run-rows.ts';
import { seriesCounters } from './series-rows.ts';
import { stableJson } from './stable-json.ts';
import type { PairedRun, RunSummary } from './summary.ts';
import type { Manifest } from './manifest.ts';
import { csv } from './csv.ts';
import { dataTable } from './data-table.ts';
import { timelineText } from './timeline-file.ts';
import type { Cell, DataTable } from './data-table.ts';
import { parquet } from './parquet.ts';

/** Wall time, host and date: what differs between two runs of the same. */
export interface RunMeta {
  readonly started: string;
  readonly wall_ms: number;
  readonly host: string;
  readonly arguments: readonly string[];
}

/** The files of a run's directory, name and content. All but meta.json are the same bytes each time. */
export function runFiles(
  pair: PairedRun,
  summary: RunSummary,
  manifest: Manifest,
  meta: RunMeta,
): Map<string, string | Uint8Array> {
  const files = new Map<string, string | Uint8Array>([
    ['run.json', `${stableJson(manifest, 2)}\n`],
    ['meta.json', `${JSON.stringify(meta, null, 2)}\n`],
    ['summary.json', `${JSON.stringify(summary, null, 2)}\n`],
    ['timeline.json', timelineText(pair)],
  ]);
  const { rows } = pair.run;
  const tables = [
    ...[
      migrations(summary),
      context(summary),
      connections(pair),
      workloads(summary),
      drops(rows),
      series(rows),
    ],
    throughput(rows),
  ];
  for (const table of tables) {
    files.set(`${table.name}.csv`, csv(table));
    if (table.rows.length >= largeRows) files.set(`${table.name}.parquet`, parquet(table));
  }
  return files;
}

/** From here on a table is worth a second file that reads faster and takes a third of the room. */
const largeRows = 50_000;

function migrations(summary: RunSummary): DataTable {
  return dataTable(
    'migrations',
    [
      ...[
        'migration',
        'attempt',
        'vm',
        'source',
        'destination',
        'outcome',
        'reason',
        'requested_ms',
        'total_ms',
        'settled_ms',
      ],
      ...[
        'downtime_ms',
        'memory_stop_ms',
        'context_stop_ms',
        'other_stop_ms',
        'context_stop_busy_ms',
        'rounds',
      ],
      ...['memory_bytes', 'context_items', 'context_bytes'],
    ],
    summary.migrations.map((row) => [
      ...[row.migration, row.attempt, row.vm, row.source, row.destination, row.outcome, row.reason],
      ...[row.requested_ms, row.total_ms, row.settled_ms, row.downtime_ms, row.memory_stop_ms],
      ...[row.context_stop_ms, row.other_stop_ms, row.context_stop_busy_ms, row.rounds],
      ...[row.memory_bytes, row.context_items, row.context_bytes],
    ]),
  );
}

function context({ context: { engines } }: RunSummary): DataTable {
  return dataTable(
    'context',
    [
      ...['engine', 'items_at_freeze', 'missing', 'downgraded', 'stale', 'resurrected', 'left_behind'],
      ...['moved_items', 'moved_bytes', 'refused_items', 'export_ms', 'import_ms'],
    ],
    engines.map((row) => [
      ...[row.engine, row.items_at_freeze, row.missing, row.downgraded, row.stale, row.resurrected],
      ...[row.left_behind, row.moved_items, row.moved_bytes, row.refused_items, row.export_ms, row.import_ms],
    ]),
  );
}

function connections(pair: PairedRun): DataTable {
  return dataTable(
    'connections',
    [
      ...[
        'flow',
        'protocol',
        'workload',
        'vm',
        'peer',
        'initiator',
        'opened_ms',
        'outcome',
        'delay_ms',
        'messages',
      ],
      ...['gap_to_vm_ms', 'gap_to_vm_open', 'gap_to_peer_ms', 'gap_to_peer_open'],
    ],
    pair.connections.map(({ opened, outcome, messages, gapToVm, gapToPeer }) => [
      ...[
        opened.flow,
        opened.protocol,
        opened.workload,
        opened.vm,
        opened.peer,
        opened.initiator,
        opened.timeNs / ms,
      ],
      ...[outcome.kind, outcome.delayNs / ms, messages, ...gapCells(gapToVm), ...gapCells(gapToPeer)],
    ]),
  );
}

function workloads(summary: RunSummary): DataTable {
  const latencies = ['latency', 'during_move', 'without_move'].flatMap((of) =>
    ['p50', 'p99', 'p999'].map((quantile) => `${of}_${quantile}_ms`),
  );
  return dataTable(
    'workloads',
    ['workload', 'connections', 'messages', 'to_vm_bytes', 'to_peer_bytes', ...latencies],
    summary.workloads.map((row) => [
      ...[row.workload, row.connections, row.messages, row.to_vm_bytes, row.to_peer_bytes],
      ...[row.latency_ms, row.latency_during_move_ms, row.latency_without_move_ms].flatMap(
        ({ p50, p99, p999 }) => [p50, p99, p999],
      ),
    ]),
  );
}

/** What each workload delivered in each interval of the series. */
function throughput(rows: RunRows): DataTable {
  const { binNs } = rows.series;
  // Ten times as coarse as the other series: an interval holds several messages.
  const lengthNs = 10 * binNs;
  return dataTable(
    'throughput',
    ['start_ms', 'length_ms', 'workload', 'to_vm_bytes', 'to_peer_bytes'],
    throughputSeries(rows, lengthNs).map(({ startNs, workload, bytesToVm, bytesToPeer }) => [
      ...[startNs / ms, lengthNs / ms, workload, bytesToVm, bytesToPeer],
    ]),
  );
}

/** A gap that is not observable is an empty cell. */
function gapCells({ gapNs, open }: TcpGap): Cell[] {
  return [gapNs === null ? null : gapNs / ms, open ? 'yes' : 'no'];
}

function drops(rows: RunRows): DataTable {
  return dataTable(
    'drops',
    [
      ...['time_ms', 'place', 'cause', 'intent', 'flow', 'protocol', 'source', 'source_port', 'destination'],
      ...['destination_port', 'tcp_flags', 'bytes'],
    ],
    Array.from({ length: rows.drops.length }, (_, index) => {
      const drop = rows.drops.row(index);
      return [
        ...[drop.timeNs / ms, drop.place, drop.cause, drop.intent, drop.flow, drop.protocol, drop.source],
        ...[drop.sourcePort, drop.destination, drop.destinationPort, drop.tcpFlags, drop.bytes],
      ];
    }),
  );
}

function series(rows: RunRows): DataTable {
  return dataTable(
    'series',
    ['start_ms', 'length_ms', ...seriesCounters],
    rows.series
      .rows()
      .map(({ startNs, counts }) => [
        startNs / ms,
        rows.series.binNs / ms,
        ...seriesCounters.map((counter) => counts[counter]),
      ]),
  );
}
