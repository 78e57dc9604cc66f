import type { Process } from '../../../sim/process.ts';
import { CopyRounds } from './copy-rounds.ts';
import type { CopyCosts, FaultHandling, WireFormat } from './memory-plan.ts';
import type { LiveVerdict, MemorySurroundings, MemoryTransfer, RoundRecord } from './memory-transfer.ts';

export interface RemotePages {
  readonly costs: CopyCosts;
  readonly wire: WireFormat;
  readonly faults: FaultHandling;
  /** Nothing was sent before: otherwise only what pre-copy left is. */
  readonly everything: boolean;
}

/**
 * Post-copy (Hines and Gopalan, VEE 2009, section 3): the guest stops at once, its processor and device state
 * moves, it resumes at the destination, and each page follows exactly once.
 */
export class PostCopy implements MemoryTransfer {
  verdict: LiveVerdict = 'under-way';
  private readonly plan: RemotePages;
  private readonly surroundings: MemorySurroundings;
  private readonly copy: CopyRounds;

  constructor(plan: RemotePages, surroundings: MemorySurroundings) {
    this.plan = plan;
    this.surroundings = surroundings;
    this.copy = new CopyRounds(surroundings, plan.wire);
  }

  get rounds(): readonly RoundRecord[] {
    return this.copy.records;
  }

  get sentBytes(): number {
    return this.copy.sentBytes;
  }

  *live(): Process {
    if (this.plan.costs.setUpNs > 0) yield this.plan.costs.setUpNs;
    this.verdict = 'converged';
  }

  *stopped(): Process {
    const { memory } = this.surroundings;
    if (this.plan.everything) memory.trackAll('linear');
    else memory.sync();
    yield* this.copy.finish(this.plan.costs);
  }

  *remote(): Process {
    yield* this.copy.send({
      phase: 'remote',
      capBps: Math.min(this.plan.faults.pushBps, this.plan.costs.liveRateBps),
      skipDirtied: false,
      batchPages: Infinity,
    });
  }
}
