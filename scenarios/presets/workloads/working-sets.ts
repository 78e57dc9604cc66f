import { published } from '../mark.ts';
import type { WorkloadMemory } from '../workload-preset.ts';

/*
 * Writable working sets of Clark et al., NSDI 2005, Fig. 3-6: the distinct pages that a guest of 512 MB writes in t
 * seconds, fitted to a·t^b between 0.02 and 5.5 s from the downtimes that the figures give after 1 to 4 rounds
 * (results/reference/clark-2005-downtime_*.csv.gz; the fits give the published means back within 10 %).
 */

function workingSet(load: string, pagesInOneSecond: number, exponent: number): WorkloadMemory {
  const law = `${pagesInOneSecond}·t^${exponent} distinct pages in t seconds`;
  return {
    growth: { pagesInOneSecond, exponent },
    mark: published(`${law}: a fit to the writable working set of ${load} in Clark et al., NSDI 2005`),
  };
}

/** Fig. 6. */
export const specwebMemory = workingSet('SPECweb99', 11_166, 0.333);
/** Fig. 4: OSDB-OLTP on PostgreSQL. */
export const oltpMemory = workingSet('OSDB-OLTP on PostgreSQL', 3026, 0.335);
/** Fig. 5. */
export const quakeMemory = workingSet('a Quake 3 server', 360, 0.074);
/** Fig. 3. */
export const kernelCompileMemory = workingSet('a kernel compile', 5157, 0.356);
