import { quantile } from '../../statistics.ts';
import type { MovePair } from './move-cells.ts';

/** A case under one link and load: the blackouts of its repeats. */
interface CaseBlackouts {
  readonly measured: number[];
  readonly simulated: number[];
}

/**
 * Of any two cases under the same link and load whose median blackouts differ by more than their own repeats do
 * together and by more than the repeats of any case there do: how many, and how many of them the simulation puts in
 * the same order. With two repeats a case, either alone would count pairs that differ by chance. Cases with one
 * repeat say nothing about how repeats differ and are left out.
 */
export function blackoutOrders(pairs: readonly MovePair[]): { orders: number; orders_right: number } {
  const result = { orders: 0, orders_right: 0 };
  for (const cases of groups(pairs).values()) {
    const repeated = [...cases.values()].filter(({ measured }) => measured.length > 1);
    const scatter = Math.max(0, ...repeated.map(range));
    repeated.forEach((one, index) => {
      for (const other of repeated.slice(index + 1)) {
        const difference = median(one.measured) - median(other.measured);
        if (Math.abs(difference) <= Math.max(scatter, range(one) + range(other))) continue;
        result.orders++;
        if (difference * (median(one.simulated) - median(other.simulated)) > 0) result.orders_right++;
      }
    });
  }
  return result;
}

function range({ measured }: CaseBlackouts): number {
  return Math.max(...measured) - Math.min(...measured);
}

function groups(pairs: readonly MovePair[]): Map<string, Map<string, CaseBlackouts>> {
  const all = new Map<string, Map<string, CaseBlackouts>>();
  for (const { measured, simulated } of pairs) {
    if (measured.status !== 'completed' || simulated.blackoutMs === null) continue;
    const { link, workload, dl } = measured.params;
    const place = `${link} ${workload} ${dl}`;
    const cases = all.get(place) ?? new Map<string, CaseBlackouts>();
    all.set(place, cases);
    const blackouts = cases.get(measured.id) ?? { measured: [], simulated: [] };
    cases.set(measured.id, blackouts);
    blackouts.measured.push(measured.derived.blackout_ms);
    blackouts.simulated.push(simulated.blackoutMs);
  }
  return all;
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5) ?? 0;
}
