import type { ContextCompared } from '../../models/observations.ts';

/**
 * What one engine lost of a VM's security context, in items: S are the unexpired items at the freeze, D those at
 * the destination when the guest resumes.
 */
export interface ContextLoss {
  readonly engine: string;
  readonly itemsAtFreeze: number;
  /** In S, not in D. */
  readonly missing: number;
  /** In both, with less fidelity. */
  readonly downgraded: number;
  /** In both, but fields differ after ageing, or the timeout is more than 1 s off. */
  readonly stale: number;
  /** In D, gone from S. */
  readonly resurrected: number;
  /** Still at the source when the run ends. */
  readonly leftBehind: number;
}

/** The losses of all migrations of a run, summed for each engine, in the order of the engines' names. */
export function contextLoss(compared: readonly ContextCompared[]): ContextLoss[] {
  const engines = [...new Set(compared.map(({ engine }) => engine))].sort();
  return engines.map((engine) => {
    const own = compared.filter((row) => row.engine === engine);
    const sum = (field: (row: ContextCompared) => number): number =>
      own.reduce((total, row) => total + field(row), 0);
    return {
      engine,
      itemsAtFreeze: sum((row) => row.itemsAtFreeze),
      missing: sum((row) => row.missing),
      downgraded: sum((row) => row.downgraded),
      stale: sum((row) => row.stale),
      resurrected: sum((row) => row.resurrected),
      leftBehind: sum((row) => row.leftBehind),
    };
  });
}
