import type { RunRows } from '../run-rows.ts';
import type { MessageLatency } from './message-latency.ts';
import { latencyOf, messageWindowNs } from './message-latency.ts';

/** What one workload carried. */
export interface WorkloadTraffic {
  readonly workload: string;
  /** Connections and flows of datagrams that it opened. */
  readonly connections: number;
  /** Whole messages delivered, and their payload. */
  readonly messages: number;
  readonly bytesToVm: number;
  readonly bytesToPeer: number;
  /** From offer to delivery, over the whole run and of what was offered while VMs were being moved, ns. */
  readonly latency: MessageLatency;
  readonly latencyDuringMove: MessageLatency;
}

/** Payload of one workload in one interval of time. */
export interface ThroughputRow {
  readonly startNs: number;
  readonly workload: string;
  readonly bytesToVm: number;
  readonly bytesToPeer: number;
}

/**
 * Messages, payload and latency by workload, in the order of the names. Latency runs from the offer of a message to
 * the delivery of its last byte; quantiles of type 7; times are exact. `moved` is the run with the migrations, whose
 * window `latencyDuringMove` is taken over. Probes and attacks deliver no messages and are not among them.
 */
export function workloadTraffic(rows: RunRows, moved: RunRows): WorkloadTraffic[] {
  const { fromNs, toNs } = messageWindowNs(moved);
  const tallies = new Map<string, Tally>();
  const workloadOf = workloadsByFlow(rows, (workload) => {
    const tally = tallies.get(workload) ?? newTally();
    tallies.set(workload, tally);
    tally.connections++;
  });
  rows.messages.visit((flow, { to, bytes, offeredNs, timeNs }) => {
    const tally = tallies.get(workloadOf.get(flow) ?? '');
    if (tally === undefined) return;
    tally.messages++;
    if (to === 'vm') tally.bytesToVm += bytes;
    else tally.bytesToPeer += bytes;
    tally.latenciesNs.push(timeNs - offeredNs);
    if (offeredNs >= fromNs && offeredNs < toNs) tally.movedNs.push(timeNs - offeredNs);
  });
  return [...tallies]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([workload, { latenciesNs, movedNs, ...counts }]) => ({
      workload,
      ...counts,
      latency: latencyOf(latenciesNs),
      latencyDuringMove: latencyOf(movedNs),
    }));
}

/**
 * Payload delivered by workload over intervals of `binNs`, by the time at which a message or piece of one was whole.
 * Intervals in which a workload delivered nothing are left out. Resolution: the interval, and the size of a message.
 */
export function throughputSeries(rows: RunRows, binNs: number): ThroughputRow[] {
  const bins = new Map<
    string,
    { startNs: number; workload: string; bytesToVm: number; bytesToPeer: number }
  >();
  const workloadOf = workloadsByFlow(rows, () => undefined);
  rows.messages.visit((flow, { to, bytes, timeNs }) => {
    const workload = workloadOf.get(flow);
    if (workload === undefined) return;
    const startNs = Math.floor(timeNs / binNs) * binNs;
    const key = `${startNs} ${workload}`;
    const bin = bins.get(key) ?? { startNs, workload, bytesToVm: 0, bytesToPeer: 0 };
    bins.set(key, bin);
    if (to === 'vm') bin.bytesToVm += bytes;
    else bin.bytesToPeer += bytes;
  });
  return [...bins.values()].sort((a, b) => a.startNs - b.startNs || (a.workload < b.workload ? -1 : 1));
}

interface Tally {
  connections: number;
  messages: number;
  bytesToVm: number;
  bytesToPeer: number;
  readonly latenciesNs: number[];
  readonly movedNs: number[];
}

function newTally(): Tally {
  return { connections: 0, messages: 0, bytesToVm: 0, bytesToPeer: 0, latenciesNs: [], movedNs: [] };
}

function workloadsByFlow(rows: RunRows, visit: (workload: string) => void): ReadonlyMap<number, string> {
  const workloads = new Map<number, string>();
  for (const { flow, workload } of rows.connectionsOpened) {
    if (workloads.has(flow)) continue;
    workloads.set(flow, workload);
    visit(workload);
  }
  return workloads;
}
