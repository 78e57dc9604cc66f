import { fairShare } from '../network/fair-share.ts';

/** Someone who wants CPU time; `cpus` is how many CPUs it could use, or used lately. */
export interface CpuDemand {
  readonly cpus: number;
  readonly weight: number;
}

/**
 * Weighted max–min fair CPUs for each demand, the first of which has `reserved` CPUs ahead of all others as far as
 * it wants them: Xen's control domain with its reservation, beside guests under the credit scheduler's weights.
 */
export function shareCpus(cpus: number, demands: readonly CpuDemand[], reserved: number): number[] {
  const shares = maxMin(cpus, demands);
  const [first] = demands;
  const atLeast = Math.min(reserved, first?.cpus ?? 0, cpus);
  if (first === undefined || shares[0]! >= atLeast) return shares;
  return [atLeast, ...maxMin(cpus - atLeast, demands.slice(1))];
}

function maxMin(cpus: number, demands: readonly CpuDemand[]): number[] {
  if (clearlyEnough(cpus, demands)) return demands.map((demand) => demand.cpus);
  const wanting = demands.filter((demand) => demand.cpus > 0);
  const shares = fairShare(
    [cpus],
    wanting.map(({ cpus: capBps, weight }) => ({ links: [0], weight, capBps })),
  );
  let next = 0;
  return demands.map((demand) => (demand.cpus > 0 ? shares[next++]! : 0));
}

/** Whether everyone gets what it wants, by more than the solver's rounding: then there is nothing to solve. */
function clearlyEnough(cpus: number, demands: readonly CpuDemand[]): boolean {
  let wanted = 0;
  for (const demand of demands) wanted += demand.cpus;
  return wanted < cpus * (1 - 1e-6);
}

/** The share of one who wants all it can get, beside others with these weights. */
export function elasticShare(cpus: number, weight: number, weightOfOthers: number): number {
  return (cpus * weight) / (weight + weightOfOthers);
}
