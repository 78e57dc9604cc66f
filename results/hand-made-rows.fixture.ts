import { makePacket } from '../models/network/packet.ts';
import { Observations } from '../models/observations.ts';
import type { ConnectionOpened, ConnectionStateAtEnd, PhaseReached } from '../models/observations.ts';
import { Recorder } from './recorder.ts';
import type { RunRows } from './run-rows.ts';

/** Rows of a run that a test spells out record by record, through the same recorder that a simulation feeds. */
export function handMadeRows(endNs: number, publish: (observations: Observations) => void): RunRows {
  const observations = new Observations();
  const recorder = new Recorder(observations, 10_000_000);
  publish(observations);
  return recorder.rows(endNs);
}

/** The phases of one migration of `vm1`, in the order in which they are given. */
export function publishPhases(
  observations: Observations,
  phases: readonly (readonly [phase: PhaseReached['phase'], timeNs: number])[],
): void {
  for (const [phase, timeNs] of phases)
    observations.migrationPhase.publish({ timeNs, migration: 'm1', vm: 'vm1', phase, reason: '' });
}

/** A connection of `vm1` that a peer opened at time 0. */
export function handMadeConnection(flow: number): ConnectionOpened {
  return { timeNs: 0, flow, protocol: 'tcp', workload: 'web', vm: 'vm1', peer: 'client', initiator: 'peer' };
}

/** A connection that is well when the run ends, except where the fields say otherwise. */
export function handMadeState(flow: number, fields: Partial<ConnectionStateAtEnd>): ConnectionStateAtEnd {
  const well = { owedSinceNs: -1, lastSentNs: 0, peerWouldPass: true, vmWouldPass: true } as const;
  return { flow, ...well, ends: 'both-open', ...fields };
}

export const handMadePacket = makePacket({ payloadBytes: 100 });
