import { cpuTasks, type CpuTask } from '../../models/observations.ts';
import { movePeriods, type MovePeriod } from '../cpu-rows.ts';
import type { RunRows } from '../run-rows.ts';

/** CPUs in use on one host in one period, on average, by task; null for a period that the run does not have. */
export interface HostCpuUse {
  readonly host: string;
  readonly period: MovePeriod;
  readonly cpus: Readonly<Record<CpuTask, number>> | null;
}

/**
 * Host CPU by task, in CPUs: CPU time over the time of the period, before, during and after the moves (see
 * cpu-rows.ts). Resolution: one sharing interval at the edges of a period.
 */
export function hostCpuUse(rows: RunRows, hosts: readonly string[]): HostCpuUse[] {
  const lengthsNs = rows.cpu.periodsNs(rows.endNs);
  return hosts.flatMap((host) => {
    const used = rows.cpu.ofHost(host);
    return movePeriods.map((period) => {
      const cpus = { filtering: 0, copying: 0, context: 0, compression: 0, guests: 0 };
      for (const task of cpuTasks) cpus[task] = used[task][period] / lengthsNs[period];
      return { host, period, cpus: lengthsNs[period] > 0 ? cpus : null };
    });
  });
}

/** CPU time that reading and writing context took on all hosts, whole run, in ns. */
export function contextCpuNs({ cpu }: RunRows): number {
  return cpu.hosts().reduce((total, host) => {
    const { before, during, after } = cpu.ofHost(host).context;
    return total + (before + during + after);
  }, 0);
}

/**
 * What applications got, in bit/s: payload of messages that arrived in a period over its time, before, during and
 * after the moves; null for a period that the run does not have.
 */
export function goodputBps(rows: RunRows): Readonly<Record<MovePeriod, number | null>> {
  const bytes = { before: 0, during: 0, after: 0 };
  rows.messages.visit((_, { timeNs, bytes: size }) => (bytes[rows.cpu.periodAt(timeNs)] += size));
  const lengthsNs = rows.cpu.periodsNs(rows.endNs);
  const rate = (period: MovePeriod): number | null =>
    lengthsNs[period] > 0 ? (bytes[period] * 8e9) / lengthsNs[period] : null;
  return { before: rate('before'), during: rate('during'), after: rate('after') };
}
