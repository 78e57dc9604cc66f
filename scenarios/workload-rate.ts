import { otherEnd } from '../models/workload/flow-ends.ts';
import type { Ticks } from '../models/workload/datagram-streams.ts';
import { frameOverheadBytes, mtuBytes } from '../models/network/frame.ts';
import { meanIntervalNs } from '../models/workload/interval.ts';
import { meanBytes } from '../models/workload/size.ts';
import { s } from '../sim/time.ts';
import type { FieldPath } from './source-problem.ts';
import type { SessionsSpec, StreamsSpec, WorkloadSpec } from './workload-spec.ts';

/** What a workload sends one way, and the key that says it. */
export interface OfferedRate {
  readonly to: 'vm' | 'peer';
  readonly bps: number;
  readonly key: FieldPath;
}

/**
 * Mean rates of a workload that sends whatever the network does, bit/s on the wire of IPv4 over Ethernet, ACKs left out;
 * none for closed loops, which slow down with the network.
 */
export function offeredRates(spec: WorkloadSpec): readonly OfferedRate[] {
  switch (spec.kind) {
    case 'sessions':
      return sessionsRates(spec);
    case 'datagram-streams':
      return streamsRates(spec);
    case 'attack':
      return [{ to: 'vm', bps: (spec.kinds.length * frameBits(20)) / (spec.periodNs / s), key: ['period'] }];
    case 'probe': {
      const bps = frameBits(8 + 64) / (spec.periodNs / s);
      return [
        { to: 'vm', bps, key: ['period'] },
        { to: 'peer', bps, key: ['period'] },
      ];
    }
    default:
      return [];
  }
}

function sessionsRates(spec: SessionsSpec): readonly OfferedRate[] {
  const { load, requestsMax, request, response, asks } = spec;
  if (load.kind === 'closed' || requestsMax === Infinity) return [];
  const perSecond = (requestsMax * s) / meanIntervalNs(load.arrivals);
  const bps = (bytes: number): number => perSecond * streamBits(bytes);
  const asked = otherEnd(asks);
  return [
    { to: asks, bps: bps(meanBytes(response)), key: ['arrivals'] },
    { to: asked, bps: bps(meanBytes(request)), key: ['arrivals'] },
  ];
}

function streamsRates({ flows, byPeer, byVm }: StreamsSpec): readonly OfferedRate[] {
  const bpsOf = (ticks: Ticks | null): number =>
    ticks === null ? 0 : (flows * frameBits(8 + meanBytes(ticks.size)) * s) / meanIntervalNs(ticks.period);
  return [
    { to: 'peer', bps: bpsOf(byVm), key: ['by_vm'] },
    { to: 'vm', bps: bpsOf(byPeer), key: ['by_peer'] },
  ];
}

/** An IPv4 packet that fits into one frame, at least the 46 bytes that fill one. */
function frameBits(transportBytes: number): number {
  return (Math.max(46, 20 + transportBytes) + frameOverheadBytes) * 8;
}

/** Bytes of a TCP stream in as few segments as they need. */
function streamBits(bytes: number): number {
  const headers = 40;
  return (bytes + Math.ceil(bytes / (mtuBytes - headers)) * (headers + frameOverheadBytes)) * 8;
}
