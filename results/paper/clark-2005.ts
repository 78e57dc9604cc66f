import { pageBytes } from '../../models/compute/memory-access.ts';
import type { MemoryAccess } from '../../models/compute/memory-access.ts';
import type { MemoryPlan, PreCopyPlan, XenRounds } from '../../models/migration/memory/memory-plan.ts';
import { createStopRule } from '../../models/migration/memory/stop-rule.ts';
import { milliseconds, s } from '../../sim/time.ts';
import type { Claim } from './claim.ts';
import { absolute, claim, exact, relative } from './claim.ts';
import type { LoneMove } from './lone-move.ts';
import {
  idlePages,
  meanGuest,
  moveAlone,
  noCosts,
  noLimits,
  plainWire,
  sweptPages,
  xenLegacy,
} from './lone-move.ts';

const paper = 'Clark et al., Live Migration of Virtual Machines, NSDI 2005';
const mega = 1e6;
const mebi = 2 ** 20;

/** The controller of `xc_linux_save.c` (2005): from 100 to 500 Mbit/s, 50 above the last dirtying, never down. */
function adaptive(unit: number, skipDirtied: boolean): XenRounds {
  return {
    ...xenLegacy,
    kind: 'xen-2005',
    rate: { kind: 'adaptive', minimumBps: 100 * unit, maximumBps: 500 * unit, stepBps: 50 * unit },
    skipDirtied,
    scanOrder: 'random',
    batchPages: 1024,
  };
}

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

/** Fig. 9, drawn and labelled, in MB of 10^6 bytes and Mbit of 10^6 bits; durations in s. */
const specweb = {
  sentMb: [676.8, 126.7, 39.0, 28.4, 24.2, 16.7, 14.2, 15.3],
  dirtiedMbps: [25.5, 62.0, 139, 257, 329, 453, 588, 439],
  dirtiedMb: [172.7, 78.3, 53.9, 38.6, 25.9, 22.1, 23.5, 18.7],
  durationS: [54.1, 10.1, 3.1, 1.2, 0.63, 0.39, 0.32, 0.34],
  lastMb: 18.2,
  lastS: 0.201,
  restartS: 0.009,
};

function controllerClaims(): Claim[] {
  const rule = createStopRule(adaptive(mega, true), 195_312);
  const limits = [rule.capBps / mega];
  specweb.dirtiedMbps.forEach((mbps, i) => {
    const record = { ...emptyRound, round: i + 1, endNs: s };
    rule.stopsAfterReading(record, (mbps * mega) / 8 / pageBytes);
    limits.push(rule.capBps / mega);
  });
  const base = { id: 'P01', kind: 'replay', calibrated_on: 'nothing', free_parameters: 0 } as const;
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

/** 370 Mbit/s is what the end hosts reached in the rounds whose limit was 500; 724 is 18.2 MB in 201 ms. */
function specwebPlan(skipDirtied: boolean): PreCopyPlan {
  return {
    kind: 'pre-copy',
    costs: { ...noCosts, liveRateBps: 370 * mega, stoppedRateBps: 724 * mega, endNs: milliseconds(9) },
    wire: plainWire,
    rounds: adaptive(mega, skipDirtied),
    limits: noLimits,
  };
}

function specwebClaims(): Claim[] {
  const replay = moveAlone(specwebPlan(false), recorded(195_312, specweb, mega), fast);
  const replayed = { source: `${paper}, Fig. 9`, kind: 'replay', calibrated_on: 'nothing' } as const;
  const rates = 'rates of 370 and 724 Mbit/s, Fig. 9';
  return [
    claim({
      ...replayed,
      id: 'P02',
      what: 'live rounds; the last iteration follows round 8, by rule (a)',
      free_parameters: 0,
      published: [8],
      simulated: [replay.liveRounds],
      band: exact,
    }),
    claim({
      ...replayed,
      id: 'P03',
      what: 'MB sent',
      free_parameters: 0,
      published: [959.5],
      simulated: [megabytes(replay, mega)],
      band: relative(0.01),
    }),
    claim({
      ...replayed,
      id: 'P03',
      what: 'live phase and total time in s',
      calibrated_on: rates,
      free_parameters: 2,
      published: [70.2, 70.4],
      simulated: [replay.liveS, replay.totalS],
      band: relative(0.02),
    }),
    claim({
      ...replayed,
      id: 'P03',
      what: 'downtime in ms: 201 + 9',
      kind: 'input',
      calibrated_on: rates,
      free_parameters: 2,
      published: [210],
      simulated: [replay.downtimeS * 1000],
      band: relative(0.01),
    }),
  ];
}

/** P04: the same guest from its law alone; rates as the end hosts reached them. */
function specwebModelClaims(): Claim[] {
  const growth = { kind: 'growth', pages: 195_312, pagesInOneSecond: 8036, exponent: 0.41 } as const;
  const guest = { ...meanGuest(growth), detail: 'exact' } as const;
  const model = moveAlone(specwebPlan(true), guest, fast);
  const fitted = {
    source: `${paper}, Fig. 9`,
    kind: 'fit',
    calibrated_on: 'Fig. 9',
    free_parameters: 4,
  } as const;
  return [
    claim({
      ...fitted,
      id: 'P04',
      what: 'live rounds',
      published: [8],
      simulated: [model.liveRounds],
      band: { relative_below: 0, relative_above: 0, absolute: 2 },
    }),
    claim({
      ...fitted,
      id: 'P04',
      what: 'MB sent and total time in s',
      published: [960, 71],
      simulated: [megabytes(model, mega), model.totalS],
      band: relative(0.1),
    }),
    claim({
      ...fitted,
      id: 'P04',
      what: 'downtime in ms',
      published: [210],
      simulated: [model.downtimeS * 1000],
      band: relative(0.4),
    }),
  ];
}

/** Fig. 11; its labels are MiB. Round 10 sent "0.2 MB", about 50 pages: 49 here, for the rule needs fewer than 50. */
const quake = {
  sentMb: [56.3, 20.4, 4.6, 1.6, 1.2, 0.9, 1.2, 1.1, 0.8, 49 / 256],
  dirtiedMb: [24.4, 4.7, 1.7, 1.28, 0.99, 1.27, 1.81, 0.79, 0.16, 0.14].map((mb) => (mb * mega) / mebi),
  lastMb: 0.148,
};

function quakeClaims(): Claim[] {
  const plan: MemoryPlan = {
    ...specwebPlan(false),
    rounds: adaptive(mebi, false),
    costs: { ...noCosts, stoppedRateBps: (0.148 * 8 * mebi) / 0.02, endNs: milliseconds(40) },
  };
  const replay = moveAlone(plan, recorded(16_384, quake, mebi), fast);
  const base = {
    id: 'P05',
    source: `${paper}, Fig. 11`,
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

/** Fig. 12: a writer goes through 256 MiB; round 3 shows it at 984 Mbit/s. */
function muncherClaims(): Claim[] {
  const region = 65_536;
  const plan: MemoryPlan = {
    ...specwebPlan(true),
    // 100 Mbit/s in the code are 102,400 bytes every 7.8125 ms, while dirtying is counted in Mbit of 10^6.
    wire: { dataPageBytes: (pageBytes * mega) / mebi, zeroPageBytes: (pageBytes * mega) / mebi },
    costs: { ...noCosts, setUpNs: 3 * s, stoppedRateBps: 500 * mega },
  };
  const guest = meanGuest(
    { kind: 'kernel' },
    idlePages(region - 145),
    sweptPages(region, (984 * mega) / 8 / pageBytes),
  );
  const move = moveAlone(plan, guest, fast);
  const [first] = move.rounds;
  const limits = move.rounds
    .slice(0, 3)
    .map((round) => (round.bytes * 8 * s) / (round.endNs - round.startNs) / mega);
  const base = {
    id: 'P06',
    source: `${paper}, Fig. 12`,
    kind: 'replay',
    calibrated_on: 'the writer’s speed, 984 Mbit/s, Fig. 12',
    free_parameters: 1,
  } as const;
  const firstS = first === undefined ? NaN : (first.endNs - first.startNs) / s;
  return [
    claim({
      ...base,
      what: 'MiB sent in round 1, and its time in s',
      published: [256, 20.4],
      simulated: [((first?.pages ?? NaN) * pageBytes) / mebi, firstS],
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
  const idle: MemoryPlan = { ...specwebPlan(false), costs: noCosts };
  const web = moveAlone(idle, meanGuest(idlePages((776 * mega) / pageBytes)), fast);
  const [first] = web.rounds;
  const stopAndCopy: MemoryPlan = { kind: 'stop-and-copy', costs: noCosts, wire: plainWire };
  const times = [128, 256, 512].map((mbps) => {
    return moveAlone(stopAndCopy, meanGuest(idlePages(125_000)), { rateBps: mbps * mega, delayNs: 0 }).totalS;
  });
  const base = { kind: 'replay', calibrated_on: 'nothing', free_parameters: 0 } as const;
  return [
    claim({
      ...base,
      id: 'P07',
      what: 'time of round 1 in s: 776 MB at 100 Mbit/s',
      source: `${paper}, Fig. 8`,
      published: [62],
      simulated: [first === undefined ? NaN : (first.endNs - first.startNs) / s],
      band: relative(0.01),
    }),
    claim({
      ...base,
      id: 'P08',
      what: 's to stop and copy 512 MB at 128, 256 and 512 Mbit/s',
      source: `${paper}, section 4.2`,
      published: [32, 16, 8],
      simulated: times,
      band: exact,
    }),
  ];
}

const fast = { rateBps: Infinity, delayNs: 0 };

function megabytes({ pages }: LoneMove, unit: number): number {
  return (pages * pageBytes) / unit;
}

/** A drawn migration as a record to be replayed. */
function recorded(
  pages: number,
  figure: {
    readonly sentMb: readonly number[];
    readonly dirtiedMb: readonly number[];
    readonly lastMb: number;
  },
  unit: number,
): MemoryAccess {
  const inPages = (mb: number): number => (mb * unit) / pageBytes;
  const rounds = figure.sentMb.map((mb, i) => ({
    sentPages: inPages(mb),
    dirtiedPages: inPages(figure.dirtiedMb[i] ?? 0),
  }));
  return { detail: 'replay', pages, rounds, lastPages: inPages(figure.lastMb) };
}
