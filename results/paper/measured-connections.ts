import { assert } from '../../sim/assert.ts';
import type { ConnectionMeasures } from '../connection-table.ts';
import type { PairedRun } from '../summary.ts';

/** Connections of a workload, which has some. */
export function connectionsOf({ connections }: PairedRun, workload: string): readonly ConnectionMeasures[] {
  const own = connections.filter(({ opened }) => opened.workload === workload);
  assert(own.length > 0, 'a case names its workloads');
  return own;
}

/** Connections that are open at a time: neither yet to be opened nor over. */
export function openAt({ run, connections }: PairedRun, timeNs: number): readonly ConnectionMeasures[] {
  const over = run.rows.connectionsEnded.filter((ended) => ended.timeNs <= timeNs);
  const ended = new Set(over.map(({ flow }) => flow));
  return connections.filter(({ opened }) => opened.timeNs <= timeNs && !ended.has(opened.flow));
}

/** Whether a connection goes on after the move, late or not, without being opened again. */
export function goesOn({ outcome }: ConnectionMeasures): boolean {
  return outcome.kind === 'untouched' || outcome.kind === 'stalled';
}

/** Share of a workload's connections that go on. */
export function shareAlive(pair: PairedRun, workload: string): number {
  const own = connectionsOf(pair, workload);
  return own.filter(goesOn).length / own.length;
}
