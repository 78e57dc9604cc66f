import type { Process } from '../../../sim/process.ts';
import type { Signal } from '../../../sim/signal.ts';
import type { LiveVerdict, MemoryTransfer, RoundRecord } from './memory-transfer.ts';

/**
 * Pre-copy until it converges or its limit is reached, and post-copy for what is then left (QEMU's
 * `migrate-start-postcopy`; Hines and Gopalan, VEE 2009, section 3.1: one round of pre-copy first).
 */
export class HybridCopy implements MemoryTransfer {
  private readonly preCopy: MemoryTransfer;
  private readonly postCopy: Pick<MemoryTransfer, 'stopped' | 'remote' | 'rounds' | 'sentBytes' | 'breakOff'>;

  constructor(preCopy: MemoryTransfer, postCopy: HybridCopy['postCopy']) {
    this.preCopy = preCopy;
    this.postCopy = postCopy;
  }

  get verdict(): LiveVerdict {
    return this.preCopy.verdict;
  }

  get rounds(): readonly RoundRecord[] {
    return [...this.preCopy.rounds, ...this.postCopy.rounds];
  }

  get sentBytes(): number {
    return this.preCopy.sentBytes + this.postCopy.sentBytes;
  }

  breakOff(unsent: ReadonlyMap<Signal<void>, number>): void {
    this.preCopy.breakOff(unsent);
    this.postCopy.breakOff(unsent);
  }

  *live(): Process {
    yield* this.preCopy.live();
  }

  *stopped(): Process {
    yield* this.preCopy.verdict === 'limit' ? this.postCopy.stopped() : this.preCopy.stopped();
  }

  *remote(): Process {
    if (this.preCopy.verdict === 'limit') yield* this.postCopy.remote();
  }
}
