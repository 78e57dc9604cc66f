import type { ContextBatch, LoadRequest, Policy } from '../security/security-engine.ts';
import type { Fidelity, ReconcilePlan, SelectionPlan } from './scheme.ts';

/** Context that has arrived. */
export interface Arrival {
  readonly batch: ContextBatch;
  readonly fidelity: Fidelity;
  /** See {@link versionOf}: of the rules under which the entries were read. */
  readonly readVersion: number;
}

/** What the destination is asked to load, where these rules are installed by then. */
export function loadRequest(
  { batch, fidelity, readVersion }: Arrival,
  installed: Policy,
  { selection, reconcile }: { readonly selection: SelectionPlan; readonly reconcile: ReconcilePlan },
): LoadRequest {
  const { existing, timeouts, tableFull, checkEntries } = reconcile;
  return {
    batch,
    mode: fidelity,
    existing,
    key: selection.by,
    timeouts,
    evict: tableFull === 'evict',
    mustOpen: checkEntries && versionOf(installed) > readVersion,
  };
}

/** How new the rules are; older than all others where there are none. */
export function versionOf(policy: Policy): number {
  return policy.kind === 'rules' ? policy.version : -1;
}
