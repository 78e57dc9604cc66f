import type { FlowRange } from '../models/workload/tcp-sessions.ts';
import type { WorkloadSpec } from './workload-spec.ts';

/** Numbers of flows below this belong to workloads of scenarios. */
const scenarioFlows = 1_000_000_000;

/**
 * Gives workloads the numbers of their flows: those whose number of flows is known get them one after another, the
 * others share what is left above, in equal ranges.
 */
export class FlowNumbers {
  private next = 0;
  private nextRange: number;
  private readonly rangeFlows: number;

  constructor(workloads: readonly WorkloadSpec[]) {
    const known = workloads.reduce((sum, spec) => sum + knownFlows(spec), 0);
    const ranges = workloads.reduce((sum, spec) => sum + unknownRanges(spec), 0);
    this.nextRange = known;
    this.rangeFlows = Math.floor((scenarioFlows - known) / Math.max(1, ranges));
  }

  /** The first of so many numbers in a row. */
  claim(flows: number): number {
    const first = this.next;
    this.next += flows;
    return first;
  }

  /** As many numbers as there are left for each workload whose number of flows is not known. */
  claimRange(): FlowRange {
    const first = this.nextRange;
    this.nextRange += this.rangeFlows;
    return { first, count: this.rangeFlows };
  }

  /** Numbers for sessions: as many as there are users where each has but one. */
  claimSessions(users: number | null): FlowRange {
    return users === null ? this.claimRange() : { first: this.claim(users), count: users };
  }
}

/** How many sessions a workload has in all, null where that is not known before. */
export function sessionsOf(spec: WorkloadSpec & { readonly kind: 'sessions' | 'ftp' }): number | null {
  const rounds = spec.kind === 'ftp' ? spec.filesMax : spec.requestsMax;
  return spec.load.kind === 'closed' && rounds === Infinity ? spec.load.users : null;
}

function knownFlows(spec: WorkloadSpec): number {
  switch (spec.kind) {
    case 'request-response':
      return spec.connections;
    case 'attack':
      return spec.kinds.length;
    case 'probe':
      return 1;
    case 'sessions':
    case 'ftp':
      return sessionsOf(spec) ?? 0;
    case 'datagram-streams':
    case 'datagram-questions':
    case 'recorded':
      return typeof spec.flows === 'number' ? spec.flows : spec.flows.length;
    case 'alone':
      return 0;
  }
}

function unknownRanges(spec: WorkloadSpec): number {
  if (spec.kind === 'ftp') return sessionsOf(spec) === null ? 2 : 1;
  return spec.kind === 'sessions' && sessionsOf(spec) === null ? 1 : 0;
}
