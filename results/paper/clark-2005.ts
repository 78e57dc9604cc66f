import type { ReplayedMemory } from '../../models/compute/memory-access.ts';
import { pageBytes } from '../../models/compute/memory-access.ts';
import type { XenRounds } from '../../models/migration/memory/memory-plan.ts';
import { createStopRule } from '../../models/migration/memory/stop-rule.ts';
import { assert } from '../../sim/assert.ts';
import { s } from '../../sim/time.ts';
import { quantile } from '../statistics.ts';
import type { Claim } from './claim.ts';
import { absolute, claim, exact, relative } from './claim.ts';
import type { PaperMove } from './run-paper.ts';
import { paperScenario, runPaper } from './run-paper.ts';

const paper = 'Clark et al., Live Migration of Virtual Machines, NSDI 2005';
const mega = 1e6;
const mebi = 2 ** 20;

/** Claims on Clark et al.: Fig. 9 (SPECweb99), 11 (Quake 3), 12 (a memory muncher), 8 and section 4.2. */
export function clarkClaims(): Claim[] {
  return [
    ...controllerClaims(),
    ...specwebClaims(),
    ...specwebModelClaims(),
    ...quakeClaims(),
    ...muncherClaims(),
    ...plainClaims(),
  ];
}

/** P01: the limits that the controller sets from the dirtying of each recorded round. */
function controllerClaims(): Claim[] {
  const { record, rounds } = recordedCase('clark-2005-specweb-recorded');
  const rule = createStopRule(rounds, record.pages);
  const limits = [rule.capBps / mega];
  record.rounds.forEach(({ dirtied }, i) => {
    assert(dirtied.kind === 'rate', 'the figure shows rates');
    const round = { ...emptyRound, round: i + 1, endNs: s };
    rule.stopsAfterReading(round, dirtied.bitsPerS / 8 / pageBytes);
    limits.push(rule.capBps / mega);
  });
  const base = {
    id: 'P01',
    file: 'clark-2005-specweb-recorded.yaml',
    kind: 'replay',
    calibrated_on: 'nothing',
    free_parameters: 0,
  } as const;
  return [
    claim({
      ...base,
      what: 'rate limit of rounds 1-9 in Mbit/s, by the code',
      source: `${paper}, Fig. 9; xc_linux_save.c of 2005`,
      published: [100, 100, 100, 189, 307, 379, 500, 500, 500],
      simulated: limits,
      band: exact,
    }),
    claim({
      ...base,
      what: 'rate of rounds 1-6 in Mbit/s, as drawn',
      source: `${paper}, Fig. 9`,
      published: [100, 100, 100, 189, 321, 357],
      simulated: limits.slice(0, 6),
      band: relative(0.07),
    }),
  ];
}

const emptyRound = {
  phase: 'live',
  startNs: 0,
  pages: 0,
  skippedPages: 0,
  bytes: 0,
  unsentPages: 0,
} as const;

function recordedCase(name: string): { readonly record: ReplayedMemory; readonly rounds: XenRounds } {
  const { virtualMachines, migrations } = paperScenario(name);
  const record = virtualMachines[0]?.memory;
  const plan = migrations[0]?.scheme.memory;
  assert(record?.detail === 'replay', 'the case replays a record');
  assert(plan?.kind === 'pre-copy' && 'scanOrder' in plan.rounds, 'the case follows Xen’s rules');
  return { record, rounds: plan.rounds };
}

function specwebClaims(): Claim[] {
  const replay = runPaper('clark-2005-specweb-recorded', 0)('specweb');
  const replayed = {
    source: `${paper}, Fig. 9`,
    file: 'clark-2005-specweb-recorded.yaml',
    kind: 'replay',
    calibrated_on: 'nothing',
    free_parameters: 0,
  } as const;
  const rates = { calibrated_on: 'rates of 370 and 724 Mbit/s, Fig. 9', free_parameters: 2 };
  return [
    claim({
      ...replayed,
      id: 'P02',
      what: 'live rounds; the last iteration follows round 8, by rule (a)',
      published: [8],
      simulated: [replay.liveRounds],
      band: exact,
    }),
    claim({
      ...replayed,
      id: 'P03',
      what: 'MB sent',
      published: [959.5],
      simulated: [megabytes(replay, mega)],
      band: relative(0.01),
    }),
    claim({
      ...replayed,
      ...rates,
      id: 'P03',
      what: 'live phase and total time in s',
      published: [70.2, 70.4],
      simulated: [replay.liveS, replay.totalS],
      band: relative(0.02),
    }),
    claim({
      ...replayed,
      ...rates,
      id: 'P03',
      what: 'downtime in ms: 201 + 9',
      kind: 'input',
      published: [210],
      simulated: [replay.downtimeS * 1000],
      band: relative(0.01),
    }),
  ];
}

/** P04: the same guest from its law alone; medians of the file's repetitions. */
function specwebModelClaims(): Claim[] {
  const { repetitions } = paperScenario('clark-2005-specweb');
  const moves = Array.from({ length: repetitions }, (_, i) => runPaper('clark-2005-specweb', i)('specweb'));
  const median = (figure: (move: PaperMove) => number): number => quantile(moves.map(figure), 0.5) ?? NaN;
  const fitted = {
    id: 'P04',
    source: `${paper}, Fig. 9`,
    file: 'clark-2005-specweb.yaml',
    kind: 'fit',
    calibrated_on: 'Fig. 9; scatter of the load: Fig. 6',
    free_parameters: 6,
  } as const;
  return [
    claim({
      ...fitted,
      what: 'live rounds',
      published: [8],
      simulated: [median(({ liveRounds }) => liveRounds)],
      band: absolute(2),
      note:
        'Rule (a) ends the live phase in the first round at full rate that sends more than the one before, so that what ' +
        'ends it is the unevenness of the load. Under the smooth law alone it takes 13 rounds. Fig. 6 gives the unevenness ' +
        'from second to second; how it divides within a second is not published: 12 rounds where a rate is kept for 1 s, ' +
        '11 for 0.3 s, 10 for 0.1 s, which is taken here as nearest to independent requests.',
    }),
    claim({
      ...fitted,
      what: 'MB sent and total time in s',
      published: [960, 71],
      simulated: [median((move) => megabytes(move, mega)), median(({ totalS }) => totalS)],
      band: relative(0.1),
    }),
    claim({
      ...fitted,
      what: 'downtime in ms',
      published: [210],
      simulated: [median(({ downtimeS }) => downtimeS * 1000)],
      band: relative(0.4),
    }),
  ];
}

function quakeClaims(): Claim[] {
  const replay = runPaper('clark-2005-quake', 0)('quake');
  const base = {
    id: 'P05',
    source: `${paper}, Fig. 11`,
    file: 'clark-2005-quake.yaml',
    calibrated_on: 'nothing',
    free_parameters: 0,
  } as const;
  return [
    claim({
      ...base,
      kind: 'replay',
      what: 'live rounds; stop by fewer than 50 pages',
      published: [10],
      simulated: [replay.liveRounds],
      band: exact,
    }),
    claim({
      ...base,
      kind: 'replay',
      what: 'MiB sent and live phase in s',
      published: [88.4, 6.93],
      simulated: [megabytes(replay, mebi), replay.liveS],
      band: relative(0.02),
    }),
    claim({
      ...base,
      kind: 'input',
      what: 'downtime in ms: 20 + 40',
      published: [60],
      simulated: [replay.downtimeS * 1000],
      band: relative(0.01),
    }),
  ];
}

/** P06: Fig. 12. */
function muncherClaims(): Claim[] {
  const move = runPaper('clark-2005-muncher', 0)('muncher');
  const [first] = move.rounds;
  const limits = move.rounds.slice(0, 3).map(({ bytes, durationS }) => (bytes * 8) / durationS / mega);
  const base = {
    id: 'P06',
    source: `${paper}, Fig. 12`,
    file: 'clark-2005-muncher.yaml',
    kind: 'replay',
    calibrated_on: 'the writer’s speed, 984 Mbit/s, Fig. 12',
    free_parameters: 1,
  } as const;
  return [
    claim({
      ...base,
      what: 'MiB sent in round 1, and its time in s',
      published: [256, 20.4],
      simulated: [((first?.pages ?? NaN) * pageBytes) / mebi, first?.durationS ?? NaN],
      band: relative(0.01),
    }),
    claim({
      ...base,
      what: 'limit of rounds 1-3 in Mbit/s, as the code counts',
      published: [100, 155, 500],
      simulated: limits,
      band: absolute(0.5),
    }),
    claim({ ...base, what: 'live rounds', published: [3], simulated: [move.liveRounds], band: exact }),
    claim({
      ...base,
      what: 'MiB in the last copy',
      published: [222.5],
      simulated: [(move.lastPages * pageBytes) / mebi],
      band: { relative_below: 0.05, relative_above: 0.15, absolute: 0 },
    }),
    claim({
      ...base,
      what: 'MiB sent',
      published: [638],
      simulated: [megabytes(move, mebi)],
      band: relative(0.1),
    }),
  ];
}

function plainClaims(): Claim[] {
  const web = runPaper('clark-2005-web-server', 0)('web');
  const stopped = runPaper('clark-2005-stop-and-copy', 0);
  const base = { kind: 'replay', calibrated_on: 'nothing', free_parameters: 0 } as const;
  return [
    claim({
      ...base,
      id: 'P07',
      what: 'time of round 1 in s: 776 MB at 100 Mbit/s',
      source: `${paper}, Fig. 8`,
      file: 'clark-2005-web-server.yaml',
      published: [62],
      simulated: [web.rounds[0]?.durationS ?? NaN],
      band: relative(0.01),
    }),
    claim({
      ...base,
      id: 'P08',
      what: 's to stop and copy 512 MB at 128, 256 and 512 Mbit/s',
      source: `${paper}, section 4.2`,
      file: 'clark-2005-stop-and-copy.yaml',
      published: [32, 16, 8],
      simulated: ['at-128', 'at-256', 'at-512'].map((name) => stopped(name).totalS),
      band: exact,
    }),
  ];
}

function megabytes({ pages }: PaperMove, unit: number): number {
  return (pages * pageBytes) / unit;
}
