import { migrationTimes } from '../measures/migration-times.ts';
import { totalTimeNs } from '../measures/total-time.ts';
import { claim, exact } from './claim.ts';
import type { Claim } from './claim.ts';
import { comNames } from './com-region.ts';
import { runContext } from './run-context.ts';
import type { SchemeRun } from './scheme-runs.ts';

/** C2 while the VM moves: what CoM takes from the guest's work and adds to the migration, beyond stock migration. */
export function overheadInMove(): Claim[] {
  const file = '../research/overhead';
  const run = runContext(
    file,
    ['stock-accept', ...comNames],
    ['hosts[0].cost_scale=1', 'vms[0].memory=16 MiB', 'migrations[0].at=2 s', 'until=5500 ms'],
  );
  const shared = {
    id: 'C2',
    source: 'Chen et al., China Communications 8(3), 2011, abstract',
    file: `${file}.yaml`,
    kind: 'prediction',
    calibrated_on: 'costs of Linux 6.18.44, measured',
    free_parameters: 1,
    // The abstract has no number.
    published: [],
    band: exact,
  } as const;
  const over = (figure: (run: SchemeRun) => number): number[] =>
    comNames.map((name) => figure(run(name)) / figure(run('stock-accept')) - 1);
  return [
    claim({
      ...shared,
      what: 'share of throughput that CoM costs while the VM moves, beyond stock migration: com-stop, com-early, com-rounds',
      simulated: over(({ summary }) => summary.goodput_mbps.during ?? NaN).map((change) => -change),
      note: 'From the request to the resume, so that the longer pause counts. “Negligible” is all that is published; the table grows by two thousand entries a second, and each difference walks it. On CPUs ten times slower: docs/overhead.md.',
    }),
    claim({
      ...shared,
      what: 'growth of the total migration time over stock migration: com-stop, com-early, com-rounds',
      simulated: over(({ pair }) => {
        const [times] = migrationTimes(pair.run.rows.phases);
        return times === undefined ? NaN : (totalTimeNs(times) ?? NaN);
      }),
      note: 'Context shares the link and the CPUs with memory, and adds to the pause.',
    }),
  ];
}
