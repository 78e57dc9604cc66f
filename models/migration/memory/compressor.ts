import type { Process, RunningProcess } from '../../../sim/process.ts';
import { until } from '../../../sim/process.ts';
import type { TakenPages } from '../../compute/guest-memory.ts';
import type { CompressionPlan, WireFormat } from './memory-plan.ts';
import type { MemorySurroundings } from './memory-transfer.ts';

class MigrationOver extends Error {
  override readonly name = 'MigrationOver';
}

/**
 * The threads that make pages smaller at the source and unpack them at the destination. They work side by side with the
 * sending, one batch of pages after another: the slowest of the three decides.
 */
export class Compressor {
  private readonly plan: CompressionPlan;
  private readonly surroundings: MemorySurroundings;
  private readonly looksForZeros: boolean;
  private unpacking: RunningProcess | null = null;

  constructor({ compression, zeroPageBytes, dataPageBytes }: WireFormat, surroundings: MemorySurroundings) {
    this.plan = compression;
    this.surroundings = surroundings;
    this.looksForZeros = zeroPageBytes < dataPageBytes;
  }

  get works(): boolean {
    return this.plan.kind !== 'none';
  }

  /** How many of these pages pass the compressing threads. */
  pagesOf({ dataPages, zeroPages }: TakenPages): number {
    if (!this.works) return 0;
    return dataPages + (this.looksForZeros ? 0 : zeroPages);
  }

  /** Compresses so many pages while `meanwhile` goes on; ends when both have. */
  *compress(pages: number, meanwhile: Process): Process {
    const { plan, surroundings } = this;
    if (plan.kind === 'none' || pages === 0) {
      yield* meanwhile;
      return;
    }
    const cpuNs = (pages * plan.pageNs) / plan.threads;
    const threads = surroundings.simulation.spawn(
      this.inThreads(plan.threads, () => surroundings.compress(Math.ceil(cpuNs))),
    );
    try {
      yield* meanwhile;
      yield* until(threads.done);
    } finally {
      threads.interrupt(over);
    }
  }

  /** Hands so many pages to the destination, which takes them in when it has unpacked those before. */
  *handOver(pages: number): Process {
    const { plan, surroundings } = this;
    if (plan.kind === 'none' || pages === 0) return;
    yield* this.unpacked();
    const cpuNs = (pages * plan.unpackPageNs) / plan.unpackThreads;
    this.unpacking = surroundings.simulation.spawn(
      this.inThreads(plan.unpackThreads, () => surroundings.unpack(Math.ceil(cpuNs))),
    );
  }

  /** Ends when the destination has unpacked all that was handed over. */
  *unpacked(): Process {
    if (this.unpacking !== null) yield* until(this.unpacking.done);
  }

  private *inThreads(count: number, work: () => Process): Process {
    const running = Array.from({ length: count }, () => this.surroundings.simulation.spawn(work()));
    try {
      for (const thread of running) yield* until(thread.done);
    } finally {
      for (const thread of running) thread.interrupt(over);
    }
  }
}

const over = new MigrationOver('the pages are no longer wanted');
