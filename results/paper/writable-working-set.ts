import type { Claim } from './claim.ts';
import { claim, relative } from './claim.ts';
import { runPaperSweep } from './run-paper.ts';

/** A load of Clark et al. and its drawn mean expected downtimes in s after 1, 2, 3 and 4 rounds. */
interface Load {
  readonly name: string;
  readonly vm: string;
  /** At 128 and 512 Mbit/s; at 256 they were not read. */
  readonly downtimeS: readonly [readonly number[], readonly number[]];
}

const loads: readonly Load[] = [
  {
    name: 'kernel compile',
    vm: 'kernel-compile',
    downtimeS: [
      [1.88, 1.489, 1.447, 1.434],
      [0.466, 0.242, 0.188, 0.166],
    ],
  },
  {
    name: 'OLTP',
    vm: 'oltp',
    downtimeS: [
      [2.12, 1.057, 0.752, 0.651],
      [0.531, 0.14, 0.099, 0.092],
    ],
  },
  {
    name: 'Quake 3',
    vm: 'quake',
    downtimeS: [
      [0.305, 0.085, 0.072, 0.072],
      [0.076, 0.018, 0.017, 0.017],
    ],
  },
  {
    name: 'SPECweb99',
    vm: 'specweb',
    downtimeS: [
      [5.5, 4.831, 4.587, 4.5],
      [1.378, 0.77, 0.628, 0.575],
    ],
  },
];

/**
 * P09: what the writable working sets of Fig. 3-6 say about downtime. A fit: the sets come from the figures. The
 * rates are those of the figures, of which 128 Mbit/s move 4,096 pages a second.
 */
export function workingSetClaims(): Claim[] {
  const points = runPaperSweep('clark-2005-working-sets');
  return loads.flatMap(({ name, vm, downtimeS }) =>
    [128, 512, 256].map((mbps, i) => {
      const own = points.filter(({ values }) => values.get('rate_bps') === (mbps / 8) * 2 ** 20 * 8);
      return claim({
        id: 'P09',
        what: `${name}: expected downtime in s after 1-4 rounds at ${mbps} Mbit/s`,
        source: 'Clark et al., NSDI 2005, Fig. 3-6',
        file: 'sweeps/clark-2005-working-sets.yaml',
        kind: mbps === 256 ? 'prediction' : 'fit',
        calibrated_on: 'the same figures at 128 and 512 Mbit/s',
        free_parameters: 3,
        published: downtimeS[i] ?? [],
        simulated: own.map(({ moves }) => moves(vm).downtimeS),
        band: relative(0.1),
      });
    }),
  );
}
