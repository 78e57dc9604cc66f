import type { Ticks } from '../models/workload/datagram-streams.ts';
import { meanIntervalNs } from '../models/workload/interval.ts';
import { meanBytes } from '../models/workload/size.ts';
import type { FieldPath } from './source-problem.ts';
import type { SessionsSpec, StreamsSpec, WorkloadSpec } from './workload-spec.ts';

/** What a workload sends in its busier direction, and the key that says it. */
export interface OfferedRate {
  readonly bps: number;
  readonly key: FieldPath;
}

/**
 * Mean rate of a workload that sends whatever the network does, bit/s of payload, of attacks their headers; null for closed loops, which slow
 * down with the network.
 */
export function offeredBps(spec: WorkloadSpec): OfferedRate | null {
  switch (spec.kind) {
    case 'sessions':
      return sessionsBps(spec);
    case 'datagram-streams':
      return streamsBps(spec);
    case 'attack':
      // Headers alone: 40 bytes of IPv4 and TCP.
      return { bps: (spec.kinds.length * 40 * 8 * 1e9) / spec.periodNs, key: ['period'] };
    case 'probe':
      return { bps: (64 * 8 * 1e9) / spec.periodNs, key: ['period'] };
    default:
      return null;
  }
}

function sessionsBps(spec: SessionsSpec): OfferedRate | null {
  const { load, requestsMax, request, response } = spec;
  if (load.kind === 'closed' || requestsMax === Infinity) return null;
  const bytes = requestsMax * Math.max(meanBytes(request), meanBytes(response));
  return { bps: (bytes * 8 * 1e9) / meanIntervalNs(load.arrivals), key: ['arrivals'] };
}

function streamsBps({ flows, byPeer, byVm }: StreamsSpec): OfferedRate {
  const bpsOf = (ticks: Ticks | null): number =>
    ticks === null ? 0 : (flows * meanBytes(ticks.size) * 8 * 1e9) / meanIntervalNs(ticks.period);
  const [peer, vm] = [bpsOf(byPeer), bpsOf(byVm)];
  return peer > vm ? { bps: peer, key: ['by_peer'] } : { bps: vm, key: ['by_vm'] };
}
