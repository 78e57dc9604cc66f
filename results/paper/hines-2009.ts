import { pageBytes } from '../../models/compute/memory-access.ts';
import type { MemoryRegion } from '../../models/compute/memory-access.ts';
import type { CopyCosts, MemoryPlan } from '../../models/migration/memory/memory-plan.ts';
import { milliseconds, seconds } from '../../sim/time.ts';
import type { Claim } from './claim.ts';
import { absolute, claim, exact, relative } from './claim.ts';
import type { LoneMove } from './lone-move.ts';
import { idlePages, meanGuest, moveAlone, noLimits, plainWire, sweptPages, xenLegacy } from './lone-move.ts';

const paper = 'Hines and Gopalan, VEE 2009';
const machinePages = 524_288;
const fast = { rateBps: Infinity, delayNs: 0 };
const workingSetsMb = [8, 16, 32, 64, 128, 256, 512];

/** Xen 3.2 on gigabit Ethernet, as the figures give it: set-up, live and stopped rate, what the end costs. */
const costs: CopyCosts = {
  setUpNs: seconds(3),
  liveRateBps: 22_600 * pageBytes * 8,
  stoppedRateBps: 105.5 * 2 ** 20 * 8,
  endNs: milliseconds(19),
  deviceBytes: 0,
};

const preCopy: MemoryPlan = {
  kind: 'pre-copy',
  costs,
  wire: plainWire,
  rounds: { ...xenLegacy, skipDirtied: true, scanOrder: 'random' },
  limits: noLimits,
};

const postCopy: MemoryPlan = {
  kind: 'post-copy',
  costs: { ...costs, endNs: milliseconds(19) },
  wire: plainWire,
  faults: { pushBps: Infinity, requestNs: 100_000, resumeNs: 50_000, preempt: false, prePagingPages: 0 },
};

/** Claims on Hines and Gopalan: stress test of section 4.1 and applications of section 4.4. */
export function hinesClaims(): Claim[] {
  return [
    ...readerClaims(),
    ...writerClaims(),
    ballooningClaim(),
    ...postCopyClaims(),
    ...applicationClaims(),
  ];
}

/** P12 and P14: a reader writes nothing, so the size of what it reads does not matter. */
function readerClaims(): Claim[] {
  const moves = workingSetsMb.map(() => moveAlone(preCopy, meanGuest(idlePages(machinePages)), fast));
  const fitted = { kind: 'fit', calibrated_on: 'Fig. 4 and 5', free_parameters: 3 } as const;
  return [
    claim({
      ...fitted,
      id: 'P12',
      what: 'downtime in ms of a reader without ballooning, working sets of 8-512 MB',
      source: `${paper}, Fig. 5`,
      published: [20, 19, 19, 20, 21, 18, 19],
      simulated: moves.map(({ downtimeS }) => downtimeS * 1000),
      band: absolute(2),
    }),
    claim({
      ...fitted,
      id: 'P14',
      what: 'total time in s of a reader without ballooning, working sets of 8-512 MB',
      source: `${paper}, Fig. 4`,
      published: [26.9, 25.2, 26, 26.1, 27.6, 27.3, 28.2],
      simulated: moves.map(({ totalS }) => totalS),
      band: relative(0.1),
    }),
  ];
}

/** The writer of the same test, whose figures were not read: it goes through its set faster than any round. */
function writerClaims(): Claim[] {
  const moves = workingSetsMb.map((mb) => {
    const pages = mb * 256;
    return moveAlone(preCopy, meanGuest(sweptPages(pages, 100_000), idlePages(machinePages - pages)), fast);
  });
  const shared = {
    id: 'P13',
    source: `${paper}, Fig. 4-6, writer, pre-copy without ballooning, working sets of 8-512 MB`,
    kind: 'prediction',
    calibrated_on: 'the reader, Fig. 4 and 5',
    free_parameters: 3,
    published: [],
    band: relative(0.15),
  } as const;
  return [
    claim({ ...shared, what: 'total time in s', simulated: moves.map(({ totalS }) => totalS) }),
    claim({ ...shared, what: 'downtime in ms', simulated: moves.map(({ downtimeS }) => downtimeS * 1000) }),
    claim({ ...shared, what: 'thousand pages sent', simulated: moves.map(({ pages }) => pages / 1000) }),
  ];
}

/** P15: with ballooning only the pages that are in use are sent. */
function ballooningClaim(): Claim {
  const pages = [29_000, 22_000, 22_000, 27_000, 37_000, 67_000, 112_000];
  const plan: MemoryPlan = {
    kind: 'stop-and-copy',
    costs: { ...costs, setUpNs: seconds(2.9), stoppedRateBps: 18_400 * pageBytes * 8, endNs: 0 },
    wire: plainWire,
  };
  const times = pages.map((used) => {
    const free: MemoryRegion = { kind: 'unwritten', pages: machinePages - used, content: 'ballooned' };
    return moveAlone(plan, meanGuest(idlePages(used), free), fast).totalS;
  });
  return claim({
    id: 'P15',
    what: 'total time in s of stop-and-copy with ballooning, working sets of 8-512 MB',
    source: `${paper}, Fig. 4`,
    kind: 'fit',
    calibrated_on: 'Fig. 4: rate and set-up',
    free_parameters: 2,
    published: [4.5, 4.7, 4.8, 4.8, 5, 6.4, 9],
    simulated: times,
    band: relative(0.15),
  });
}

/** P16: post-copy sends each page exactly once, whatever the guest does meanwhile. */
function postCopyClaims(): Claim[] {
  const moves = workingSetsMb.flatMap((mb) => {
    const pages = mb * 256;
    return [
      moveAlone(postCopy, meanGuest(idlePages(machinePages)), fast),
      moveAlone(postCopy, meanGuest(sweptPages(pages, 100_000), idlePages(machinePages - pages)), fast),
    ];
  });
  return [
    claim({
      id: 'P16',
      what: 'pages sent by post-copy without ballooning, reader and writer, working sets of 8-512 MB',
      source: `${paper}, Fig. 6`,
      kind: 'bound',
      calibrated_on: 'nothing',
      free_parameters: 0,
      published: moves.map(() => machinePages),
      simulated: moves.map(({ pages }) => pages),
      band: exact,
    }),
    claim({
      id: 'P16',
      what: 'total time in s of the same, within 24-36 s',
      source: `${paper}, Fig. 4`,
      kind: 'prediction',
      calibrated_on: 'rate and set-up of pre-copy, Fig. 4',
      free_parameters: 2,
      published: moves.map(() => 30),
      simulated: moves.map(({ totalS }) => totalS),
      band: absolute(6),
    }),
  ];
}

/**
 * P17: applications of 512 MB. How they write is not published: each gets the footprint that post-copy sent and
 * writes like one of Clark et al.'s loads. Only the direction of the differences is held.
 */
function applicationClaims(): Claim[] {
  const applications = [
    { footprint: 129_700, pagesInOneSecond: 11_166, exponent: 0.333 },
    { footprint: 21_000, pagesInOneSecond: 5157, exponent: 0.356 },
    { footprint: 33_600, pagesInOneSecond: 3026, exponent: 0.335 },
    { footprint: 28_800, pagesInOneSecond: 5157, exponent: 0.356 },
  ];
  // 600 ms and more of post-copy's downtime there come from pseudo-paging, which pre-copy does not use.
  const pseudoPaging: MemoryPlan = { ...postCopy, costs: { ...postCopy.costs, endNs: milliseconds(1000) } };
  const pairs = applications.map(({ footprint, ...growth }) => {
    const guest = meanGuest(
      { kind: 'growth', pages: footprint, ...growth },
      { kind: 'unwritten', pages: 131_072 - footprint, content: 'ballooned' },
    );
    return { pre: moveAlone(preCopy, guest, fast), post: moveAlone(pseudoPaging, guest, fast) };
  });
  const trend = (what: string, holds: (pre: LoneMove, post: LoneMove) => boolean): Claim =>
    claim({
      id: 'P17',
      what,
      source: `${paper}, Fig. 12-15`,
      kind: 'consistency',
      calibrated_on: 'footprints of Fig. 12-15; writing as in Clark et al., NSDI 2005',
      free_parameters: 3,
      published: pairs.map(() => 1),
      simulated: pairs.map(({ pre, post }) => Number(holds(pre, post))),
      band: exact,
    });
  return [
    trend(
      'pre-copy sends more pages (1: yes): SPECweb, kernel, BitTorrent, NetPerf',
      (pre, post) => pre.pages > post.pages,
    ),
    trend('pre-copy takes longer in all', (pre, post) => pre.totalS > post.totalS),
    trend('pre-copy pauses the guest for less time', (pre, post) => pre.downtimeS < post.downtimeS),
  ];
}
