import { pageBytes } from '../../compute/memory-access.ts';
import { s } from '../../../sim/time.ts';
import type { SimGridRounds, VMotionRounds, XenRounds } from './memory-plan.ts';
import type { RoundRecord } from './memory-transfer.ts';

/** Decides after each round of pre-copy whether the next one is the last, and how fast it may go. */
export interface StopRule {
  /** The most that the next round may send, in bit/s. */
  readonly capBps: number;
  /** Whether to stop, after the round was sent and before the log is read. */
  stopsAfterSending(round: RoundRecord, sentPages: number): boolean;
  /** Whether to stop now that the log holds `dirtiedPages` of that round; sets the next cap. */
  stopsAfterReading(round: RoundRecord, dirtiedPages: number): boolean;
}

export function createStopRule(rounds: XenRounds | SimGridRounds | VMotionRounds, pages: number): StopRule {
  switch (rounds.kind) {
    case 'xen-2005':
    case 'xen-legacy':
      return new XenLegacyRule(rounds, pages);
    case 'xen-current':
      return new XenCurrentRule(rounds);
    case 'simgrid':
      return new SimGridRule(rounds);
    case 'vmotion':
      return new VMotionRule(rounds);
  }
}

/**
 * Xen to 4.5, read in `xc_linux_save.c` (2005) and `xc_domain_save.c` (4.1.2), identical loops: the test is on
 * the round just sent, not on what is dirty now. With the adaptive rate (ADAPTIVE_SAVE, not compiled into
 * releases): the limit rises to last dirtying + 50 Mbit/s, never falls, and a round at the maximum that sent
 * more than the one before is the last. Clark et al., NSDI 2005, Fig. 9, 11 and 12 follow this code.
 */
class XenLegacyRule implements StopRule {
  capBps: number;
  private readonly rounds: XenRounds;
  private readonly pages: number;
  private lastSentPages = Infinity;

  constructor(rounds: XenRounds, pages: number) {
    this.rounds = rounds;
    this.pages = pages;
    this.capBps = rounds.rate.kind === 'fixed' ? rounds.rate.capBps : rounds.rate.minimumBps;
  }

  stopsAfterSending(round: RoundRecord, sentPages: number): boolean {
    const { rate, roundsMax, pagesMin, factorMax } = this.rounds;
    const grew = round.pages > this.lastSentPages;
    this.lastSentPages = round.pages;
    return (
      (rate.kind === 'adaptive' && grew && this.capBps >= rate.maximumBps) ||
      round.round >= roundsMax ||
      round.pages + round.skippedPages < pagesMin ||
      sentPages > factorMax * this.pages
    );
  }

  stopsAfterReading(round: RoundRecord, dirtiedPages: number): boolean {
    const { rate } = this.rounds;
    if (rate.kind === 'adaptive') {
      const dirtiedBps = (dirtiedPages * pageBytes * 8 * s) / (round.endNs - round.startNs);
      if (dirtiedBps > this.capBps) this.capBps = Math.min(dirtiedBps + rate.stepBps, rate.maximumBps);
    }
    return false;
  }
}

/**
 * Xen since 4.6, read in `xg_sr_save.c`: at most five live rounds; fewer than 50 dirty pages are sent live once
 * more, then the guest stops. No rule on the total, no skipping, no rate limit.
 */
class XenCurrentRule implements StopRule {
  readonly capBps: number;
  private readonly rounds: XenRounds;
  private nextIsLast = false;

  constructor(rounds: XenRounds) {
    this.rounds = rounds;
    this.capBps = rounds.rate.kind === 'fixed' ? rounds.rate.capBps : rounds.rate.maximumBps;
  }

  stopsAfterSending(round: RoundRecord): boolean {
    return this.nextIsLast || round.round >= this.rounds.roundsMax;
  }

  stopsAfterReading(_round: RoundRecord, dirtiedPages: number): boolean {
    this.nextIsLast = dirtiedPages < this.rounds.pagesMin;
    return dirtiedPages === 0;
  }
}

/**
 * SimGrid's plugin (`VmLiveMigration.cpp`, 3.32): whole rounds while the rest exceeds what the last round's
 * bandwidth moves in the downtime limit, 30 ms there.
 */
class SimGridRule implements StopRule {
  readonly capBps: number;
  private readonly downtimeMaxNs: number;

  constructor(rounds: SimGridRounds) {
    this.capBps = rounds.capBps;
    this.downtimeMaxNs = rounds.downtimeMaxNs;
  }

  stopsAfterSending(): boolean {
    return false;
  }

  stopsAfterReading(round: RoundRecord, dirtiedPages: number): boolean {
    const roundNs = round.endNs - round.startNs;
    return dirtiedPages * pageBytes * roundNs <= round.bytes * this.downtimeMaxNs;
  }
}

/**
 * VMotion (Nelson et al., USENIX 2005, as recalled, not re-read): after a round fewer than 16 MB are modified, or less
 * than 1 MB fewer than after the round before; so at least two rounds where much is modified. What is known besides, that
 * vSphere slows vCPUs which write faster than the line (SDPS) and reserves 30 % of a CPU, is not modelled.
 */
class VMotionRule implements StopRule {
  readonly capBps: number;
  private readonly rounds: VMotionRounds;
  private lastDirtiedBytes = Infinity;

  constructor(rounds: VMotionRounds) {
    this.rounds = rounds;
    this.capBps = rounds.capBps;
  }

  stopsAfterSending(): boolean {
    return false;
  }

  stopsAfterReading(_round: RoundRecord, dirtiedPages: number): boolean {
    const dirtiedBytes = dirtiedPages * pageBytes;
    const gainedBytes = this.lastDirtiedBytes - dirtiedBytes;
    this.lastDirtiedBytes = dirtiedBytes;
    return dirtiedBytes < this.rounds.restBytesMax || gainedBytes < this.rounds.gainBytesMin;
  }
}
