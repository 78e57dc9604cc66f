import type { Process } from '../../../sim/process.ts';
import type { Signal } from '../../../sim/signal.ts';
import { CopyRounds } from './copy-rounds.ts';
import type { StopAndCopyPlan } from './memory-plan.ts';
import type { LiveVerdict, MemorySurroundings, MemoryTransfer, RoundRecord } from './memory-transfer.ts';

/**
 * Pure stop-and-copy: the guest stands still while all of its memory is sent once (Clark et al., NSDI 2005,
 * section 2 and 4.2: 512 MB take 32, 16 and 8 s at 128, 256 and 512 Mbit/s).
 */
export class StopAndCopy implements MemoryTransfer {
  verdict: LiveVerdict = 'under-way';
  private readonly plan: StopAndCopyPlan;
  private readonly surroundings: MemorySurroundings;
  private readonly copy: CopyRounds;

  constructor(plan: StopAndCopyPlan, surroundings: MemorySurroundings) {
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

  breakOff(unsent: ReadonlyMap<Signal<void>, number>): void {
    this.copy.breakOff(unsent);
  }

  *live(): Process {
    if (this.plan.costs.setUpNs > 0) yield this.plan.costs.setUpNs;
    this.verdict = 'converged';
  }

  *stopped(): Process {
    const { costs } = this.plan;
    this.surroundings.memory.trackAll('linear');
    yield* this.copy.send({
      phase: 'stopped',
      capBps: costs.stoppedRateBps,
      skipDirtied: false,
      batchPages: Infinity,
      sendsEmpty: false,
    });
    yield* this.copy.finish(costs);
  }

  *remote(): Process {
    // All pages have arrived.
  }
}
