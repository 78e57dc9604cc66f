import type { Process } from '../../../sim/process.ts';
import { ms } from '../../../sim/time.ts';
import { pageBytes } from '../../compute/memory-access.ts';
import type { TakenPages } from '../../compute/guest-memory.ts';
import { Compressor } from './compressor.ts';
import type { CopyRounds } from './copy-rounds.ts';
import type { QemuRounds, WireFormat } from './memory-plan.ts';
import type { MemorySurroundings } from './memory-transfer.ts';
import { QemuRateWindow } from './qemu-rate-window.ts';
import type { SocketCapacity } from './socket-buffer.ts';
import { SocketBuffer } from './socket-buffer.ts';
import { XbzrleCache } from './xbzrle-cache.ts';

/** The sending thread looks at the clock every so many pages (`ram_save_iterate`, migration/ram.c). */
const pagesPerLook = 64;
/** RAM_SAVE_FLAG_EOS after each step. */
const endMarkBytes = 8;

/** Bytes on the wire, and what they would be without compression. */
interface Weight {
  readonly bytes: number;
  readonly wholeBytes: number;
}

/** What a host adds to QEMU's own settings. */
export interface QemuHost {
  readonly socket: SocketCapacity;
  /** Share of a page's CPU time that it takes while the guest stands still and leaves its processor. */
  readonly stoppedCpuShare: number;
}

/** The loop that reads pages and writes them into the socket, within the budget of the current window. */
export class QemuSender {
  readonly window: QemuRateWindow;
  readonly socket: SocketBuffer;
  readonly delta: XbzrleCache | null;
  private readonly rounds: QemuRounds;
  private readonly host: QemuHost;
  private readonly wire: WireFormat;
  private readonly surroundings: MemorySurroundings;
  private readonly copy: CopyRounds;
  private readonly compressor: Compressor;
  /** Pages in the multifd packet that is being filled, and what they weigh. */
  private packed = 0;
  private packedBytes = 0;
  private passedPages = 0;

  constructor(
    { rounds, wire, host }: { rounds: QemuRounds; wire: WireFormat; host: QemuHost },
    { surroundings, copy }: { surroundings: MemorySurroundings; copy: CopyRounds },
  ) {
    this.rounds = rounds;
    this.host = host;
    this.wire = wire;
    this.surroundings = surroundings;
    this.copy = copy;
    const { simulation, stream, chance } = surroundings;
    this.window = new QemuRateWindow(rounds);
    this.socket = new SocketBuffer(simulation, stream, host.socket, chance);
    this.compressor = new Compressor(wire, surroundings);
    this.delta = rounds.delta.kind === 'xbzrle' ? new XbzrleCache(rounds.delta, wire) : null;
  }

  /** One step of `ram_save_iterate`: until the budget is spent, 50 ms have passed or nothing is left. */
  *step(): Process {
    const { simulation, memory } = this.surroundings;
    const startNs = simulation.nowNs;
    while (!this.window.spent && memory.pendingPages > 0) {
      yield* this.sendPages(this.window.leftBytes);
      // MAX_WAIT is compared with whole milliseconds.
      if (Math.floor((simulation.nowNs - startNs) / ms) * ms > this.rounds.stepNsMax) break;
    }
    yield* this.endStep();
  }

  /** The last stage: everything that is left, without a budget. */
  *rest(): Process {
    if (this.delta !== null) this.delta.lastStage = true;
    while (this.surroundings.memory.pendingPages > 0) yield* this.sendPages(Infinity);
    yield* this.endStep();
    yield* this.compressor.unpacked();
  }

  private *sendPages(bytesMax: number): Process {
    const { memory, clock } = this.surroundings;
    const { rounds, wire } = this;
    const multifd = rounds.packetPages > 1;
    const taken = memory.take({
      ...wire,
      pagesMax: pagesPerLook,
      // A packet counts when it is full, so that the budget is spent in whole packets.
      bytesMax: multifd ? Infinity : bytesMax,
      skipDirtied: false,
      delta: this.delta,
    });
    const pages = taken.dataPages + taken.zeroPages;
    this.passed(pages);
    const { bytes, wholeBytes } = multifd ? this.pack(taken) : this.weigh(taken);
    this.copy.add(pages, 0, bytes);
    this.window.sent(this.limitsMemory ? wholeBytes : bytes);
    const { dataPageNs, firstPageNs, zeroPageNs } = rounds;
    const cpuNs =
      taken.firstPages * firstPageNs +
      (taken.dataPages - taken.firstPages) * dataPageNs +
      taken.zeroPages * zeroPageNs;
    const work = this.surroundings.work(
      Math.ceil(cpuNs * (clock.rate === 0 ? this.host.stoppedCpuShare : 1)),
    );
    const compressed = this.delta?.enabled === true ? 0 : this.compressor.pagesOf(taken);
    yield* this.compressor.compress(compressed, work);
    yield* this.compressor.handOver(compressed);
    yield* this.socket.write(bytes);
  }

  private *endStep(): Process {
    const headerBytes = endMarkBytes + (this.packed > 0 ? this.rounds.packetHeaderBytes : 0);
    const bytes = this.packedBytes + headerBytes;
    const wholeBytes = this.packed * pageBytes + headerBytes;
    this.packed = 0;
    this.packedBytes = 0;
    this.copy.add(0, 0, bytes);
    this.window.sent(this.limitsMemory ? wholeBytes : bytes);
    yield* this.socket.write(bytes);
  }

  /** Whether the budget of a window counts pages as they were before they were compressed. */
  private get limitsMemory(): boolean {
    const { compression } = this.wire;
    return compression.kind === 'threads' && compression.limits === 'memory';
  }

  private weigh({ dataPages, zeroPages, bytes }: TakenPages): Weight {
    const { dataPageBytes, zeroPageBytes } = this.wire;
    return { bytes, wholeBytes: dataPages * dataPageBytes + zeroPages * zeroPageBytes };
  }

  /** Puts data pages into packets; what is full counts, and zero pages, which are in none. */
  private pack({ dataPages, zeroPages, bytes }: TakenPages): Weight {
    const { packetPages, packetHeaderBytes } = this.rounds;
    const { compression, zeroPageBytes } = this.wire;
    const zeroBytes = zeroPages * zeroPageBytes;
    this.packed += dataPages;
    this.packedBytes += compression.kind === 'none' ? dataPages * pageBytes : bytes - zeroBytes;
    const packets = Math.floor(this.packed / packetPages);
    const fullPages = packets * packetPages;
    // Pages that are packed together weigh the same, on average.
    const fullBytes = packets === 0 ? 0 : Math.round((this.packedBytes * fullPages) / this.packed);
    this.packed -= fullPages;
    this.packedBytes -= fullBytes;
    const otherBytes = packets * packetHeaderBytes + zeroBytes;
    return { bytes: fullBytes + otherBytes, wholeBytes: fullPages * pageBytes + otherBytes };
  }

  /** After the first full pass, delta compression begins. */
  private passed(pages: number): void {
    this.passedPages += pages;
    if (this.delta !== null && this.passedPages >= this.surroundings.memory.pages) this.delta.enabled = true;
  }
}
