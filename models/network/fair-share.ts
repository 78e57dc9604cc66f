import { assert } from '../../sim/assert.ts';

/** One elastic flow: it wants all it can get up to its cap, on every link of its path at once. */
export interface ElasticFlow {
  /** Indices into the capacities; each link at most once. */
  readonly links: readonly number[];
  /** Shares of a bottleneck go by weight; positive. */
  readonly weight: number;
  /** bit/s; Infinity for none. */
  readonly capBps: number;
}

/**
 * Weighted max–min fair rates in bit/s, one per flow, by progressive filling: all rates grow in proportion to
 * their weights until a flow meets its cap or a link is full; what is stopped stays, the rest grows on.
 * A flow over no link gets its cap. Source: Bertsekas and Gallager, Data Networks, 2nd ed., 6.5.2.
 */
export function fairShare(capacitiesBps: readonly number[], flows: readonly ElasticFlow[]): number[] {
  const rates = new Array<number>(flows.length).fill(0);
  const growing = new Set<number>();
  const left = [...capacitiesBps];
  for (const [index, flow] of flows.entries()) {
    assert(flow.weight > 0, 'a flow has a positive weight');
    assert(flow.links.length > 0 || Number.isFinite(flow.capBps), 'a flow without a link has a cap');
    growing.add(index);
  }
  while (growing.size > 0) {
    const level = nextLevel(left, flows, rates, growing);
    for (const index of growing) {
      const flow = flows[index]!;
      rates[index] = rates[index]! + level * flow.weight;
      for (const link of flow.links) left[link] = left[link]! - level * flow.weight;
    }
    removeStopped(left, capacitiesBps, flows, rates, growing);
  }
  return rates;
}

/** By how much per unit of weight all growing flows can still grow together. */
function nextLevel(
  left: readonly number[],
  flows: readonly ElasticFlow[],
  rates: readonly number[],
  growing: ReadonlySet<number>,
): number {
  const weights = new Map<number, number>();
  let level = Infinity;
  for (const index of growing) {
    const flow = flows[index]!;
    level = Math.min(level, (flow.capBps - rates[index]!) / flow.weight);
    for (const link of flow.links) weights.set(link, (weights.get(link) ?? 0) + flow.weight);
  }
  for (const [link, weight] of weights) level = Math.min(level, left[link]! / weight);
  return Math.max(0, level);
}

/** Takes out the flows that met their cap or a full link; rounding may leave a billionth of either. */
function removeStopped(
  left: readonly number[],
  capacitiesBps: readonly number[],
  flows: readonly ElasticFlow[],
  rates: number[],
  growing: Set<number>,
): void {
  const before = growing.size;
  for (const index of growing) {
    const flow = flows[index]!;
    const capped = rates[index]! >= flow.capBps * (1 - 1e-9);
    if (capped) rates[index] = flow.capBps;
    if (capped || flow.links.some((link) => left[link]! <= capacitiesBps[link]! * 1e-9))
      growing.delete(index);
  }
  assert(growing.size < before, 'each level stops at least one flow');
}
