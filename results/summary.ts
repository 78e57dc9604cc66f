import { ms } from '../sim/time.ts';
import { connectionTable } from './connection-table.ts';
import type { ConnectionMeasures } from './connection-table.ts';
import type { MovePeriod } from './cpu-rows.ts';
import { summarizeEngines } from './engine-summary.ts';
import type { EngineSummary } from './engine-summary.ts';
import { inMs } from './in-ms.ts';
import { dropPlaces } from './measures/drop-places.ts';
import type { DropCount } from './measures/drop-places.ts';
import { exposureWindowsNs } from './measures/exposure-window.ts';
import { contextCpuNs, goodputBps, hostCpuUse } from './measures/host-cpu.ts';
import { intentExposure, totalCount } from './measures/intent-exposure.ts';
import { messageLatency } from './measures/message-latency.ts';
import type { MessageLatency } from './measures/message-latency.ts';
import { migrationTimes } from './measures/migration-times.ts';
import type { OutcomeKind } from './measures/connection-outcome.ts';
import { probeGap } from './measures/probe-gap.ts';
import { referenceDivergence } from './measures/reference-divergence.ts';
import { transparency } from './measures/transparency.ts';
import type { RunFates } from './measures/transparency.ts';
import { workloadTraffic } from './measures/workload-traffic.ts';
import type { MigrationSummary } from './migration-summary.ts';
import { summarizeMigration } from './migration-summary.ts';
import type { RunResult } from './run-result.ts';
import { quantile } from './statistics.ts';

/** What one run costs and loses, as JSON: names end in their unit, null where something could not be observed. */
export interface RunSummary {
  readonly scheme: string;
  /** How many of the scheme's fields rest on an assumption, and how many fields it has. */
  readonly fields_assumed: number;
  readonly fields: number;
  readonly migrations: readonly MigrationSummary[];
  readonly connections: ConnectionCounts;
  readonly service_gap_ms: ServiceGap;
  /** Of messages offered while VMs were being moved; the control's are taken over the same time. */
  readonly message_latency_ms: LatencySummary;
  readonly message_latency_without_move_ms: LatencySummary;
  readonly workloads: readonly WorkloadSummary[];
  readonly drops: readonly DropCount[];
  readonly context: { readonly engines: readonly EngineSummary[] };
  /** CPU time of all hosts that reading and writing context took. */
  readonly context_cpu_ms: number;
  readonly exposure: ExposureSummary;
  /** What applications got before, during and after the moves; null where there is no such time. */
  readonly goodput_mbps: Readonly<Record<MovePeriod, number | null>>;
  /** CPUs in use on average, by host, period and task. */
  readonly host_cpu: readonly HostCpuSummary[];
  readonly transparent: boolean;
  /** Why it is not; empty when it is. */
  readonly not_transparent_because: readonly string[];
  /** More than without migration, but judged the same by the reference that never moved. */
  readonly explained_by_delay: readonly string[];
  readonly events: number;
  readonly packets: number;
}

export interface ConnectionCounts {
  readonly total: number;
  readonly untouched: number;
  readonly stalled: number;
  readonly reset: number;
  readonly hung: number;
  readonly reconnected: number;
  readonly latent_dead: number;
  readonly half_open: number;
  readonly unresolved: number;
}

export interface ServiceGap {
  readonly probe_longest: number | null;
  readonly probe_lost: number | null;
  readonly tcp_p50: number | null;
  readonly tcp_max: number | null;
}

export interface LatencySummary {
  readonly p50: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
}

/** What one workload carried over the whole run, and how long its messages took. */
export interface WorkloadSummary {
  readonly workload: string;
  readonly connections: number;
  readonly messages: number;
  readonly to_vm_bytes: number;
  readonly to_peer_bytes: number;
  readonly latency_ms: LatencySummary;
  readonly latency_during_move_ms: LatencySummary;
  /** Of the control, over the same time. */
  readonly latency_without_move_ms: LatencySummary;
}

export interface HostCpuSummary {
  readonly host: string;
  readonly period: MovePeriod;
  readonly filtering_cpus: number;
  readonly copying_cpus: number;
  readonly context_cpus: number;
  readonly compression_cpus: number;
  readonly guests_cpus: number;
}

export type Counts = Readonly<Record<string, number>>;

export interface ExposureSummary {
  readonly attacks_delivered: number;
  readonly legitimate_dropped: number;
  /** First divergences from the never-moved reference, beyond those that a flow has without migration. */
  readonly wrongly_accepted: number;
  readonly wrongly_dropped: number;
  readonly consequent: number;
  /** Divergences of the run without migration that this one does not have. */
  readonly spared: number;
  readonly window_ms: Counts;
  readonly attacks_delivered_by_kind: Counts;
  readonly legitimate_dropped_by_cause: Counts;
  /** Lost to pause, queue, loss and so on, by cause: nobody's verdict. */
  readonly legitimate_lost_by_cause: Counts;
  readonly wrongly_accepted_by_cause: Counts;
  readonly wrongly_dropped_by_cause: Counts;
}

/** A run with the paired one without migration, which may be itself, and its connections measured. */
export interface PairedRun {
  readonly run: RunResult;
  readonly control: RunResult;
  readonly connections: readonly ConnectionMeasures[];
  /** The same connections in the control, beside itself. */
  readonly controlConnections: readonly ConnectionMeasures[];
}

/** Puts a run beside its control and measures the connections of both, once. */
export function pairRuns(run: RunResult, control: RunResult): PairedRun {
  const connections = connectionTable({ run: run.rows, control: control.rows });
  const controlConnections =
    run === control ? connections : connectionTable({ run: control.rows, control: control.rows });
  return { run, control, connections, controlConnections };
}

/** Computes every measure of a run. */
export function summarizeRun(pair: PairedRun): RunSummary {
  const { run, control, connections } = pair;
  const { name, marks } = run.choice;
  const exposed = transparency(fates(run, connections), fates(control, pair.controlConnections));
  return {
    scheme: name,
    fields_assumed: marks.assumed,
    fields: marks.fields,
    migrations: migrationTimes(run.rows.phases).map((times) => summarizeMigration(run, times)),
    connections: countConnections(connections),
    service_gap_ms: serviceGap(run, connections),
    message_latency_ms: summarizeLatency(messageLatency(run.rows, run.rows)),
    message_latency_without_move_ms: summarizeLatency(messageLatency(control.rows, run.rows)),
    workloads: summarizeWorkloads(run, control),
    drops: dropPlaces(run.rows),
    context: { engines: summarizeEngines(run.rows, control.rows.messages) },
    context_cpu_ms: contextCpuNs(run.rows) / ms,
    exposure: summarizeExposure(run, control),
    goodput_mbps: summarizeGoodput(run),
    host_cpu: summarizeCpus(run),
    transparent: exposed.transparent,
    not_transparent_because: exposed.reasons,
    explained_by_delay: exposed.explained,
    events: run.events,
    packets: run.packets,
  };
}

function fates(run: RunResult, connections: readonly ConnectionMeasures[]): RunFates {
  const outcomes = connections.map(({ outcome }) => outcome);
  const lost = migrationTimes(run.rows.phases)
    .filter(({ outcome }) => outcome === 'lost')
    .map(({ vm, reason }) => `${vm} lost: ${reason}`);
  return { intent: intentExposure(run.rows), divergences: run.rows.divergences, outcomes, lost };
}

function countConnections(connections: readonly ConnectionMeasures[]): ConnectionCounts {
  const count = (kind: OutcomeKind): number =>
    connections.filter(({ outcome }) => outcome.kind === kind).length;
  return {
    total: connections.length,
    untouched: count('untouched'),
    stalled: count('stalled'),
    reset: count('reset'),
    hung: count('hung'),
    reconnected: count('reconnected'),
    latent_dead: count('latent-dead'),
    half_open: count('half-open'),
    unresolved: count('unresolved'),
  };
}

/** Of several probing workloads the one that saw the most; of the connections' gaps, both directions alike. */
function serviceGap(run: RunResult, connections: readonly ConnectionMeasures[]): ServiceGap {
  const probes = run.scenario.workloads
    .filter((workload) => workload.kind === 'probe')
    .map(({ name, periodNs, deadlineNs }) =>
      probeGap(run.rows.probes, { workload: name, periodNs, deadlineNs }, run.rows.endNs),
    )
    .filter((gap) => gap !== null);
  const tcpNs = connections
    .filter(({ opened }) => opened.protocol === 'tcp')
    .flatMap(({ gapToVm, gapToPeer }) => [gapToVm.gapNs, gapToPeer.gapNs])
    .filter((gapNs) => gapNs !== null);
  return {
    probe_longest: inMs(largest(probes.map(({ longestNs }) => longestNs))),
    probe_lost: inMs(largest(probes.map(({ lostNs }) => lostNs))),
    tcp_p50: inMs(quantile(tcpNs, 0.5)),
    tcp_max: inMs(largest(tcpNs)),
  };
}

function summarizeGoodput({ rows }: RunResult): RunSummary['goodput_mbps'] {
  const { before, during, after } = goodputBps(rows);
  const inMbps = (bps: number | null): number | null => (bps === null ? null : bps / 1e6);
  return { before: inMbps(before), during: inMbps(during), after: inMbps(after) };
}

/** Periods that the run does not have are left out. */
function summarizeCpus({ rows, scenario }: RunResult): HostCpuSummary[] {
  const uses = hostCpuUse(
    rows,
    scenario.hosts.map(({ name }) => name),
  );
  return uses.flatMap(({ host, period, cpus }) =>
    cpus === null
      ? []
      : [
          {
            ...{ host, period, filtering_cpus: cpus.filtering, copying_cpus: cpus.copying },
            ...{ context_cpus: cpus.context, compression_cpus: cpus.compression, guests_cpus: cpus.guests },
          },
        ],
  );
}

function summarizeLatency({ p50Ns, p99Ns, p999Ns }: MessageLatency): LatencySummary {
  return { p50: inMs(p50Ns), p99: inMs(p99Ns), p999: inMs(p999Ns) };
}

function summarizeWorkloads(run: RunResult, control: RunResult): WorkloadSummary[] {
  const usual = new Map(
    workloadTraffic(control.rows, run.rows).map((traffic) => [traffic.workload, traffic]),
  );
  return workloadTraffic(run.rows, run.rows).map((traffic) => ({
    workload: traffic.workload,
    connections: traffic.connections,
    messages: traffic.messages,
    to_vm_bytes: traffic.bytesToVm,
    to_peer_bytes: traffic.bytesToPeer,
    latency_ms: summarizeLatency(traffic.latency),
    latency_during_move_ms: summarizeLatency(traffic.latencyDuringMove),
    latency_without_move_ms: summarizeLatency(
      usual.get(traffic.workload)?.latencyDuringMove ?? { p50Ns: null, p99Ns: null, p999Ns: null },
    ),
  }));
}

function summarizeExposure(run: RunResult, control: RunResult): ExposureSummary {
  const intent = intentExposure(run.rows);
  const divergence = referenceDivergence(run.rows.divergences, control.rows.divergences);
  const windowsNs = exposureWindowsNs(run.rows.exposureChanges, run.rows.endNs);
  return {
    attacks_delivered: totalCount(intent.attacksDelivered),
    legitimate_dropped: totalCount(intent.legitimateDropped),
    wrongly_accepted: totalCount(divergence.wronglyAccepted),
    wrongly_dropped: totalCount(divergence.wronglyDropped),
    consequent: divergence.consequent,
    spared: divergence.spared,
    window_ms: counts(new Map([...windowsNs].map(([kind, windowNs]) => [kind, windowNs / ms]))),
    attacks_delivered_by_kind: counts(intent.attacksDelivered),
    legitimate_dropped_by_cause: counts(intent.legitimateDropped),
    legitimate_lost_by_cause: counts(intent.legitimateLost),
    wrongly_accepted_by_cause: counts(divergence.wronglyAccepted),
    wrongly_dropped_by_cause: counts(divergence.wronglyDropped),
  };
}

/** In the order of the names, so that the same run gives the same bytes. */
function counts(map: ReadonlyMap<string, number>): Counts {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function largest(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((a, b) => Math.max(a, b));
}
