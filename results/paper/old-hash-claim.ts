import { claim, exact } from './claim.ts';
import type { Claim } from './claim.ts';
import { comNames, extrapolatedContext } from './com-region.ts';
import { contextPausesMs } from './run-context.ts';

const entryCounts = [0, 10_000] as const;

/** With the CPUs and the hash table of a host of 2009: entries with which each reading's pause grows by 15 %. */
export function oldHashClaim(): Claim {
  const file = 'context/com-worst-case';
  const schemes = ['stock-accept', ...comNames.map((name) => `${name}-2009`)];
  const pausesMs = entryCounts.map((entries) =>
    contextPausesMs(file, schemes, [
      'hosts[0].cost_scale=10',
      `initial_context[0].entries=${entries}`,
      'workloads[0].think=exponential(1 s)',
      'until=4300 ms',
    ]),
  );
  const pauseMs = (count: number, scheme: number): number => pausesMs[count]?.[scheme] ?? NaN;
  return claim({
    id: 'C1',
    what: 'cost_scale 10 and a hash of 16,384 buckets: entries with which the pause grows by 15 %, stock pause 210 ms, 100 new a second; com-stop, com-early, com-rounds',
    source: 'Chen et al., IC-BNMT 2009, abstract',
    file: `${file}.yaml`,
    kind: 'prediction',
    calibrated_on: 'costs of Linux 6.18.44, measured; buckets of Linux 2.6: nf_conntrack_core.c',
    free_parameters: 4,
    published: [],
    simulated: comNames.map((_, at) =>
      extrapolatedContext(pauseMs(0, at + 1), pauseMs(1, at + 1), pauseMs(0, 0)),
    ),
    band: exact,
    note: 'Of the 54 ms that walking an empty table would take such CPUs, fifteen sixteenths are due to today’s 262,144 buckets; a Linux of 2009 has 16,384 at most. With 1,000 new entries a second only com-rounds holds the claim, for some 400.',
  });
}
