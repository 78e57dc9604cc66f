import type { Problem } from '../../../sim/assert.ts';
import type {
  CompressionPlan,
  CopyCosts,
  FaultHandling,
  HybridPlan,
  LiveRounds,
  MemoryPlan,
  PreCopyPlan,
  WireFormat,
} from './memory-plan.ts';

/** What is wrong with a plan before it starts: sizes and rates that nothing can be sent with. Empty: nothing. */
export function memoryPlanProblems(plan: MemoryPlan, place: string): Problem[] {
  const found = [...costProblems(plan.costs, `${place}.costs`), ...wireProblems(plan.wire, `${place}.wire`)];
  if (plan.kind === 'pre-copy' || plan.kind === 'hybrid') {
    found.push(...roundProblems(plan.rounds, `${place}.rounds`));
  }
  if (plan.kind === 'post-copy' || plan.kind === 'hybrid') {
    if (plan.wire.compression.kind !== 'none') found.push(uncompressed(`${place}.wire.compression`));
    found.push(...faultProblems(plan.faults, `${place}.faults`));
  }
  return found;
}

/**
 * Whether the live phase of the plan has no end of its own against a guest that writes fast enough: QEMU's and
 * SimGrid's rules know no last round, nor does VMotion's that is content with any gain, so the plan or its scenario
 * has to state a limit.
 */
export function mayNeverEnd(plan: MemoryPlan): boolean {
  if (plan.kind !== 'pre-copy' && plan.kind !== 'hybrid') return false;
  return limitOf(plan) === Infinity && !hasLastRound(plan.rounds);
}

/** The least of a plan's limits, whatever it counts. */
function limitOf(plan: PreCopyPlan | HybridPlan): number {
  if (plan.kind === 'hybrid') return Math.min(plan.switchAfterNs, plan.switchAfterRounds);
  const { roundsMax, bytesMax, liveNsMax } = plan.limits;
  return Math.min(roundsMax, bytesMax, liveNsMax);
}

function hasLastRound(rounds: LiveRounds): boolean {
  switch (rounds.kind) {
    case 'xen-2005':
    case 'xen-legacy':
    case 'xen-current':
      return rounds.roundsMax < Infinity;
    case 'vmotion':
      return rounds.gainBytesMin > 0;
    case 'simgrid':
    case 'qemu':
      return false;
  }
}

function costProblems(
  { setUpNs, liveRateBps, stoppedRateBps, endNs, deviceBytes }: CopyCosts,
  place: string,
): Problem[] {
  return [
    ...positive(liveRateBps, `${place}.liveRateBps`, 'a rate of zero moves nothing'),
    ...positive(stoppedRateBps, `${place}.stoppedRateBps`, 'a rate of zero moves nothing'),
    ...notNegative(setUpNs, `${place}.setUpNs`),
    ...notNegative(endNs, `${place}.endNs`),
    ...notNegative(deviceBytes, `${place}.deviceBytes`),
  ];
}

/** `migrate_caps_check` (migration/migration.c, 7.2) refuses the two together: a faulted page comes alone and at once. */
function uncompressed(place: string): Problem {
  return { place, message: 'post-copy sends pages as they are', allowed: 'none' };
}

function wireProblems({ dataPageBytes, zeroPageBytes, compression }: WireFormat, place: string): Problem[] {
  return [
    ...(compression.kind === 'threads' ? threadProblems(compression, `${place}.compression`) : []),
    ...positive(dataPageBytes, `${place}.dataPageBytes`, 'a page has a size'),
    ...positive(zeroPageBytes, `${place}.zeroPageBytes`, 'a page has a size'),
  ];
}

function threadProblems(
  { headerBytes, threads, unpackThreads }: Extract<CompressionPlan, { kind: 'threads' }>,
  place: string,
): Problem[] {
  return [
    ...notNegative(headerBytes, `${place}.headerBytes`),
    ...positive(threads, `${place}.threads`, 'nobody compresses'),
    ...positive(unpackThreads, `${place}.unpackThreads`, 'nobody unpacks'),
  ];
}

function roundProblems(rounds: LiveRounds, place: string): Problem[] {
  switch (rounds.kind) {
    case 'xen-2005':
    case 'xen-legacy':
    case 'xen-current':
      return [
        ...positive(rounds.batchPages, `${place}.batchPages`, 'a batch has pages'),
        ...positive(rounds.roundsMax, `${place}.roundsMax`, 'there is a first round'),
        ...positive(
          rounds.rate.kind === 'fixed' ? rounds.rate.capBps : rounds.rate.minimumBps,
          `${place}.rate`,
          'a rate of zero moves nothing',
        ),
      ];
    case 'simgrid':
    case 'vmotion':
      return positive(rounds.capBps, `${place}.capBps`, 'a rate of zero moves nothing');
    case 'qemu':
      return [
        ...positive(rounds.capBps, `${place}.capBps`, 'a rate of zero moves nothing'),
        ...positive(rounds.windowNs, `${place}.windowNs`, 'a window has a length'),
        ...positive(rounds.socketBufferBytes, `${place}.socketBufferBytes`, 'a socket has a buffer'),
        ...positive(rounds.packetPages, `${place}.packetPages`, 'a packet has a page'),
        ...positive(rounds.connections, `${place}.connections`, 'pages travel over a connection'),
        ...(rounds.delta.kind === 'xbzrle'
          ? positive(rounds.delta.cachePages, `${place}.delta.cachePages`, 'a cache has a page')
          : []),
      ];
  }
}

function faultProblems(
  { pushBps, requestNs, resumeNs, prePagingPages }: FaultHandling,
  place: string,
): Problem[] {
  return [
    ...notNegative(pushBps, `${place}.pushBps`),
    ...notNegative(requestNs, `${place}.requestNs`),
    ...notNegative(resumeNs, `${place}.resumeNs`),
    ...notNegative(prePagingPages, `${place}.prePagingPages`),
  ];
}

function positive(value: number, place: string, message: string): Problem[] {
  return value > 0 ? [] : [{ place, message, allowed: 'above 0' }];
}

function notNegative(value: number, place: string): Problem[] {
  return value >= 0 ? [] : [{ place, message: 'is negative', allowed: '0 or more' }];
}
