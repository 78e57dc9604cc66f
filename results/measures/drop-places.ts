import type { DropCause } from '../../models/observations.ts';
import type { RunRows } from '../run-rows.ts';

/** Packets that were dropped at one place for one cause. */
export interface DropCount {
  readonly place: string;
  readonly cause: DropCause;
  /** By intent: of workloads, and of attacks. */
  readonly legitimate: number;
  readonly attack: number;
}

/** Dropped packets by place and cause, counted, in the order of the names. */
export function dropPlaces(rows: RunRows): DropCount[] {
  const counts = new Map<string, DropCount>();
  rows.drops.visitPlaces((place, cause, intent) => {
    const key = `${place}\n${cause}`;
    const { legitimate, attack } = counts.get(key) ?? { legitimate: 0, attack: 0 };
    counts.set(key, {
      place,
      cause,
      legitimate: legitimate + (intent === 'legitimate' ? 1 : 0),
      attack: attack + (intent === 'legitimate' ? 0 : 1),
    });
  });
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count);
}
