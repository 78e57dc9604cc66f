import type { FieldPath } from './source-problem.ts';
import type { WorkloadSpec } from './workload-spec.ts';

/** A machine at the other end of a workload, and the key of the workload that names it. */
export interface WorkloadPeer {
  readonly name: string;
  readonly key: FieldPath;
}

/** The machines at the other end of a workload. */
export function workloadPeers(spec: WorkloadSpec): WorkloadPeer[] {
  switch (spec.kind) {
    case 'alone':
      return [];
    case 'recorded':
      return spec.flows.map(({ peer }, index) => ({ name: peer, key: ['flows', index, 'peer'] }));
    case 'datagram-streams':
    case 'datagram-questions':
      return [
        { name: spec.peer, key: ['peer'] },
        ...spec.paths.slice(1).map((name) => ({ name, key: ['rebind_to'] })),
      ];
    default:
      return [{ name: spec.peer, key: ['peer'] }];
  }
}
