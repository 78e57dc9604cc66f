import { paperScenario, runPaper } from './run-paper.ts';
import type { PaperMove } from './run-paper.ts';
import type { Claim } from './claim.ts';
import { absolute, claim, exact, relative } from './claim.ts';

const paper = 'Hines and Gopalan, VEE 2009';
const workingSetsMb = [8, 16, 32, 64, 128, 256, 512];

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
  const { downtimeS, totalS } = runPaper('hines-2009-reader', 0)('reader');
  const fitted = {
    file: 'hines-2009-reader.yaml',
    kind: 'fit',
    calibrated_on: 'Fig. 4 and 5',
    free_parameters: 3,
  } as const;
  return [
    claim({
      ...fitted,
      id: 'P12',
      what: 'downtime in ms of a reader without ballooning, working sets of 8-512 MB',
      source: `${paper}, Fig. 5`,
      published: [20, 19, 19, 20, 21, 18, 19],
      simulated: workingSetsMb.map(() => downtimeS * 1000),
      band: absolute(2),
    }),
    claim({
      ...fitted,
      id: 'P14',
      what: 'total time in s of a reader without ballooning, working sets of 8-512 MB',
      source: `${paper}, Fig. 4`,
      published: [26.9, 25.2, 26, 26.1, 27.6, 27.3, 28.2],
      simulated: workingSetsMb.map(() => totalS),
      band: relative(0.1),
    }),
  ];
}

/** P13: the writer of the same test, whose figures were not read. */
function writerClaims(): Claim[] {
  const run = runPaper('hines-2009-writer', 0);
  const moves = workingSetsMb.map((mb) => run(`writer-${mb}`));
  const shared = {
    id: 'P13',
    source: `${paper}, Fig. 4-6, writer, pre-copy without ballooning, working sets of 8-512 MB`,
    file: 'hines-2009-writer.yaml',
    kind: 'prediction',
    calibrated_on: 'the reader, Fig. 4 and 5',
    free_parameters: 3,
    published: [],
    band: relative(0.15),
  } as const;
  return [
    claim({ ...shared, what: 'total time in s', simulated: moves.map(({ totalS }) => totalS) }),
    claim({ ...shared, what: 'downtime in ms', simulated: moves.map(({ downtimeS }) => downtimeS * 1000) }),
    claim({
      ...shared,
      what: 'thousand pages sent',
      simulated: moves.map(({ pages }) => pages / 1000),
      note: 'How many dirtied pages a round passes over depends on how fast the writer is, which the paper does not say.',
    }),
  ];
}

/** P15: with ballooning only the pages that are in use are sent. */
function ballooningClaim(): Claim {
  const run = runPaper('hines-2009-ballooning', 0);
  return claim({
    id: 'P15',
    what: 'total time in s of stop-and-copy with ballooning, working sets of 8-512 MB',
    source: `${paper}, Fig. 4`,
    file: 'hines-2009-ballooning.yaml',
    kind: 'fit',
    calibrated_on: 'Fig. 4: rate and set-up',
    free_parameters: 2,
    published: [4.5, 4.7, 4.8, 4.8, 5, 6.4, 9],
    simulated: workingSetsMb.map((mb) => run(`balloon-${mb}`).totalS),
    band: relative(0.15),
  });
}

/** P16: post-copy sends each page exactly once, whatever the guest does meanwhile. */
function postCopyClaims(): Claim[] {
  const run = runPaper('hines-2009-post-copy', 0);
  const machinePages = (paperScenario('hines-2009-post-copy').virtualMachines[0]?.memoryBytes ?? NaN) / 4096;
  const moves = ['reader', ...workingSetsMb.map((mb) => `writer-${mb}`)].map(run);
  const shared = { source: `${paper}, Fig. 4 and 6`, file: 'hines-2009-post-copy.yaml' };
  return [
    claim({
      ...shared,
      id: 'P16',
      what: 'pages sent by post-copy without ballooning, reader and writers of 8-512 MB',
      kind: 'bound',
      calibrated_on: 'nothing',
      free_parameters: 0,
      published: moves.map(() => machinePages),
      simulated: moves.map(({ pages }) => pages),
      band: exact,
    }),
    claim({
      ...shared,
      id: 'P16',
      what: 'total time in s of the same, within 24-36 s',
      kind: 'prediction',
      calibrated_on: 'rate and set-up of pre-copy, Fig. 4',
      free_parameters: 2,
      published: moves.map(() => 30),
      simulated: moves.map(({ totalS }) => totalS),
      band: absolute(6),
    }),
  ];
}

/** P17: applications of 512 MB. Only the direction of the differences is held. */
function applicationClaims(): Claim[] {
  const run = runPaper('hines-2009-applications', 0);
  const pairs = ['specweb', 'kernel-compile', 'bittorrent', 'netperf'].map((name) => {
    return { pre: run(`${name}-pre`), post: run(`${name}-post`) };
  });
  const trend = (what: string, holds: (pre: PaperMove, post: PaperMove) => boolean): Claim =>
    claim({
      id: 'P17',
      what,
      source: `${paper}, Fig. 12-15`,
      file: 'hines-2009-applications.yaml',
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
