import type { ContextTask } from '../../models/observations.ts';

/** What it took to move one engine's context. */
export interface ContextWork {
  readonly engine: string;
  /** Rules, entries and removals that travelled; those that the destination refused. */
  readonly items: number;
  readonly refused: number;
  /** On the wire. */
  readonly bytes: number;
  /** Time in which it was read at the source, and written at the destination, waiting for a CPU and answers included. */
  readonly exportNs: number;
  readonly importNs: number;
}

/** The context tasks of a run, whatever became of their migrations, summed for each engine by its name. */
export function contextWork(tasks: readonly ContextTask[]): ContextWork[] {
  const sums = new Map<string, ContextWork>();
  for (const { engine, items, removals, refused, bytes, startNs, exportedNs, arrivedNs, endNs } of tasks) {
    const sum = sums.get(engine);
    sums.set(engine, {
      engine,
      items: (sum?.items ?? 0) + items + removals,
      refused: (sum?.refused ?? 0) + refused,
      bytes: (sum?.bytes ?? 0) + bytes,
      exportNs: (sum?.exportNs ?? 0) + exportedNs - startNs,
      importNs: (sum?.importNs ?? 0) + endNs - arrivedNs,
    });
  }
  return [...sums.values()];
}
