import type { Claim } from './claim.ts';
import { absolute, claim, exact, relative } from './claim.ts';
import { runPaper } from './run-paper.ts';

const plugin = 'SimGrid, VmLiveMigration.cpp';

/** P24: SimGrid's algorithm by arithmetic; P25 its own test; SG1 its two-host runs, measured with SimGrid 3.32. */
export function simgridClaims(): Claim[] {
  return [...arithmeticClaims(), ownTestClaim(), ...twoHostClaims()];
}

function arithmeticClaims(): Claim[] {
  const run = runPaper('simgrid-arithmetic', 0);
  const moves = ['idle', 'd10', 'd40', 'd80', 'd100'].map(run);
  const shared = {
    id: 'P24',
    source: `${plugin}, arithmetic for 4 GiB, 125 MB/s, 300 ms, dirtying of 0, 10, 40, 80, 100 MB/s`,
    file: 'simgrid-arithmetic.yaml',
    kind: 'bound',
    calibrated_on: 'nothing',
    free_parameters: 0,
  } as const;
  return [
    claim({
      ...shared,
      what: 'live rounds',
      published: [1, 2, 5, 11, 22],
      simulated: moves.map(({ liveRounds }) => liveRounds),
      band: exact,
    }),
    claim({
      ...shared,
      what: 'downtime in ms',
      published: [0, 219.9, 115.3, 253.5, 253.5],
      simulated: moves.map(({ downtimeS }) => downtimeS * 1000),
      band: absolute(1),
    }),
    claim({
      ...shared,
      what: 'total time in s',
      published: [34.36, 37.33, 50.48, 94.99, 170.79],
      simulated: moves.map(({ totalS }) => totalS),
      band: absolute(0.01),
    }),
  ];
}

/** P25: shared links are shared: two VMs at once end together, in twice the time of one. */
function ownTestClaim(): Claim {
  const run = runPaper('simgrid-cloud-migration', 0);
  return claim({
    id: 'P25',
    what: 'total time in s of idle VMs: 1e9 B, 1e8 B, and two of 1e9 B at once',
    source: 'SimGrid, test cloud-migration and its expected output (tesh)',
    file: 'simgrid-cloud-migration.yaml',
    kind: 'prediction',
    calibrated_on: 'its network model: usable rate and message delay',
    free_parameters: 0,
    published: [132.766, 13.346, 265.454, 265.454],
    simulated: ['large', 'small', 'one', 'other'].map((name) => run(name).totalS),
    band: absolute(0.001),
  });
}

function twoHostClaims(): Claim[] {
  const run = runPaper('simgrid-two-hosts', 0);
  const moves = ['idle-1g', 'd20-1g', 'd90-1g', 'd20-10g'].map(run);
  const shared = {
    id: 'SG1',
    source: `${plugin}; runs of SimGrid 3.32: 4 GB, 1 Gbit/s with intensity 0, 0.2, 0.9; 10 Gbit/s with 0.2`,
    file: 'simgrid-two-hosts.yaml',
    kind: 'prediction',
    calibrated_on: 'its network model: usable rate and message delay',
    free_parameters: 0,
  } as const;
  return [
    claim({
      ...shared,
      what: 'total time in s',
      published: [34.643, 43.854, 604.549, 4.392],
      simulated: moves.map(({ totalS }) => totalS),
      band: relative(0.001),
    }),
    claim({
      ...shared,
      what: 'downtime in s, printed with four digits',
      published: [0.0026, 0.0171, 0.031, 0.0097],
      simulated: moves.map(({ downtimeS }) => downtimeS),
      band: absolute(0.0001),
    }),
  ];
}
