import { quantile } from '../../statistics.ts';
import type { MovePair } from './move-cells.ts';

/** A case under one link and load: the blackouts of its repeats. */
interface CaseBlackouts {
  readonly id: string;
  readonly measured: number[];
  readonly simulated: number[];
}

/** Two cases which the simulation puts in the other order: median blackouts in ms. */
export interface WrongOrder {
  readonly cases: readonly [string, string];
  readonly measured: readonly [number, number];
  readonly simulated: readonly [number, number];
}

export interface BlackoutOrders {
  /** Pairs that differ by more than their own repeats do together and by more than those of any case there do. */
  readonly orders: number;
  readonly orders_right: number;
  /** Pairs that differ by more than the repeats of either of the two do. */
  readonly pairs: number;
  readonly pairs_right: number;
  readonly pairs_wrong: readonly WrongOrder[];
}

/**
 * Of any two cases under the same link and load whose median blackouts differ by more than repeats do: how many, and
 * how many of them the simulation puts in the same order. How much repeats differ is read in two ways, since two
 * repeats say little of it: of pairs of cases that are in truth alike, one in five differs by more than the repeats
 * of either do ({@link chanceShare}). Cases with one repeat say nothing about how repeats differ and are left out.
 */
export function blackoutOrders(pairs: readonly MovePair[]): BlackoutOrders {
  const [counted, clear] = [
    { pairs: 0, right: 0 },
    { pairs: 0, right: 0 },
  ];
  const wrong: WrongOrder[] = [];
  for (const cases of groups(pairs).values()) {
    const repeated = [...cases.values()].filter(({ measured }) => measured.length > 1);
    const scatter = Math.max(0, ...repeated.map(range));
    repeated.forEach((one, index) => {
      for (const other of repeated.slice(index + 1)) {
        const differenceMs = median(one.measured) - median(other.measured);
        if (Math.abs(differenceMs) <= Math.max(range(one), range(other))) continue;
        const right = differenceMs * (median(one.simulated) - median(other.simulated)) > 0;
        counted.pairs++;
        if (right) counted.right++;
        else wrong.push(wrongOrder(one, other));
        if (Math.abs(differenceMs) <= Math.max(scatter, range(one) + range(other))) continue;
        clear.pairs++;
        if (right) clear.right++;
      }
    });
  }
  return {
    ...{ orders: clear.pairs, orders_right: clear.right },
    ...{ pairs: counted.pairs, pairs_right: counted.right, pairs_wrong: wrong },
  };
}

/**
 * Share of pairs of like cases, of two repeats each, whose medians differ by more than either's repeats do: for normal
 * scatter E[(2 Phi(|D| / sqrt 2) - 1)^2] with D standard normal.
 */
export const chanceShare = 0.217;

function wrongOrder(one: CaseBlackouts, other: CaseBlackouts): WrongOrder {
  return {
    cases: [one.id, other.id],
    measured: [median(one.measured), median(other.measured)],
    simulated: [median(one.simulated), median(other.simulated)],
  };
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
    const blackouts = cases.get(measured.id) ?? { id: measured.id, measured: [], simulated: [] };
    cases.set(measured.id, blackouts);
    blackouts.measured.push(measured.derived.blackout_ms);
    blackouts.simulated.push(simulated.blackoutMs);
  }
  return all;
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5) ?? 0;
}
