import { assert } from '../../../sim/assert.ts';
import type { Process } from '../../../sim/process.ts';
import { until } from '../../../sim/process.ts';
import type { Signal } from '../../../sim/signal.ts';
import type { TakenPages } from '../../compute/guest-memory.ts';
import { Compressor } from './compressor.ts';
import type { CopyCosts, WireFormat } from './memory-plan.ts';
import type { MemorySurroundings, RoundRecord } from './memory-transfer.ts';

/** Pages that go through compressing threads together. */
const pagesPerBatch = 1024;

/** One round as it grows. */
interface OpenRound {
  readonly phase: RoundRecord['phase'];
  readonly startNs: number;
  pages: number;
  skippedPages: number;
  bytes: number;
}

export interface RoundOptions {
  readonly phase: RoundRecord['phase'];
  readonly capBps: number;
  /** Passes over pages that are dirty again, looking at the log every so many pages. */
  readonly skipDirtied: boolean;
  readonly batchPages: number;
  /** A message goes out even when no page is left. */
  readonly sendsEmpty: boolean;
}

/** Sends pages in rounds, keeps the record of each, and tells the surroundings. */
export class CopyRounds {
  readonly records: RoundRecord[] = [];
  sentBytes = 0;
  sentPages = 0;
  private readonly surroundings: MemorySurroundings;
  private readonly wire: WireFormat;
  private readonly compressor: Compressor;
  private round: OpenRound | null = null;
  /** The transfer that a round has under way, which may be all of it. */
  private transfer: { readonly arrived: Signal<void>; readonly pageBytes: number } | null = null;

  constructor(surroundings: MemorySurroundings, wire: WireFormat) {
    this.surroundings = surroundings;
    this.wire = wire;
    this.compressor = new Compressor(wire, surroundings);
  }

  /** The record of the round that ended last. */
  get last(): RoundRecord {
    const record = this.records.at(-1);
    assert(record !== undefined, 'a round has ended');
    return record;
  }

  /** Scans the whole memory once and sends what is pending. */
  *send(options: RoundOptions): Process {
    const { memory, stream } = this.surroundings;
    this.begin(options.phase);
    memory.rewind();
    if (options.sendsEmpty && memory.pendingPages === 0) yield* until(stream.send(0, options.capBps));
    // Without skipping, what is sent does not depend on when: the whole round is one transfer, unless its pages pass
    // through threads first.
    const whole = this.compressor.works ? pagesPerBatch : Infinity;
    const pagesMax = options.skipDirtied ? options.batchPages : whole;
    while (memory.pendingPages > 0) {
      const taken = memory.take({
        ...this.wire,
        pagesMax,
        bytesMax: Infinity,
        skipDirtied: options.skipDirtied,
        delta: null,
      });
      this.add(taken.dataPages + taken.zeroPages, taken.skippedPages, taken.bytes);
      const packed = this.compressor.pagesOf(taken);
      if (taken.bytes > 0) yield* this.compressor.compress(packed, this.carried(taken, options.capBps));
      yield* this.compressor.handOver(packed);
    }
    if (options.phase === 'stopped') yield* this.compressor.unpacked();
    this.end();
  }

  private *carried({ dataPages, zeroPages, bytes }: TakenPages, capBps: number): Process {
    const arrived = this.surroundings.stream.send(bytes, capBps);
    this.transfer = { arrived, pageBytes: bytes / (dataPages + zeroPages) };
    yield* until(arrived);
    this.transfer = null;
  }

  /** The round under way, if there is one, ends here: what had not left of its transfer was not sent. */
  breakOff(unsent: ReadonlyMap<Signal<void>, number>): void {
    if (this.round === null) return;
    const bytes = this.transfer === null ? 0 : Math.floor(unsent.get(this.transfer.arrived) ?? 0);
    const pages = this.transfer === null ? 0 : Math.floor(bytes / this.transfer.pageBytes);
    this.add(-pages, 0, -bytes);
    this.end();
  }

  /** The end of the stop phase: device state, then what the hosts need until the guest can resume. */
  *finish(costs: CopyCosts): Process {
    if (costs.deviceBytes > 0) {
      this.sentBytes += costs.deviceBytes;
      yield* until(this.surroundings.stream.send(costs.deviceBytes, costs.stoppedRateBps));
    }
    if (costs.endNs > 0) yield costs.endNs;
  }

  begin(phase: RoundRecord['phase']): void {
    assert(this.round === null, 'rounds follow one another');
    const { simulation } = this.surroundings;
    this.round = { phase, startNs: simulation.nowNs, pages: 0, skippedPages: 0, bytes: 0 };
    this.surroundings.roundStarted(this.records.length + 1);
  }

  add(pages: number, skippedPages: number, bytes: number): void {
    assert(this.round !== null, 'pages are sent within a round');
    this.round.pages += pages;
    this.round.skippedPages += skippedPages;
    this.round.bytes += bytes;
    this.sentBytes += bytes;
    this.sentPages += pages;
  }

  end(): void {
    assert(this.round !== null, 'a round that ends has begun');
    const { simulation, memory } = this.surroundings;
    const { phase, startNs, pages, skippedPages, bytes } = this.round;
    const record: RoundRecord = {
      phase,
      startNs,
      pages,
      skippedPages,
      bytes,
      round: this.records.length + 1,
      endNs: simulation.nowNs,
      unsentPages: memory.pendingPages,
    };
    this.round = null;
    this.records.push(record);
    this.surroundings.roundEnded(record);
  }
}
