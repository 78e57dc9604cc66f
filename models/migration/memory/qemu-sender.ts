import type { Process } from '../../../sim/process.ts';
import { ms } from '../../../sim/time.ts';
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
  /** Pages in the multifd packet that is being filled. */
  private packed = 0;
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
    this.window = new QemuRateWindow({ ...rounds, nowNs: simulation.nowNs });
    this.socket = new SocketBuffer(simulation, stream, host.socket, chance);
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
    const bytes = multifd ? this.pack(taken.dataPages) + taken.zeroPages * wire.zeroPageBytes : taken.bytes;
    this.copy.add(pages, 0, bytes);
    this.window.sent(bytes);
    const { dataPageNs, firstPageNs, zeroPageNs } = rounds;
    const cpuNs =
      taken.firstPages * firstPageNs +
      (taken.dataPages - taken.firstPages) * dataPageNs +
      taken.zeroPages * zeroPageNs;
    yield* this.surroundings.work(Math.ceil(cpuNs * (clock.rate === 0 ? this.host.stoppedCpuShare : 1)));
    yield* this.socket.write(bytes);
  }

  private *endStep(): Process {
    const bytes = (this.packed > 0 ? this.packetBytes(this.packed) : 0) + endMarkBytes;
    this.packed = 0;
    this.copy.add(0, 0, bytes);
    this.window.sent(bytes);
    yield* this.socket.write(bytes);
  }

  /** Puts pages into packets and returns the bytes of those that are full. */
  private pack(pages: number): number {
    const { packetPages } = this.rounds;
    const filled = this.packed + pages;
    this.packed = filled % packetPages;
    return Math.floor(filled / packetPages) * this.packetBytes(packetPages);
  }

  private packetBytes(pages: number): number {
    return pages * 4096 + this.rounds.packetHeaderBytes;
  }

  /** After the first full pass, delta compression begins. */
  private passed(pages: number): void {
    this.passedPages += pages;
    if (this.delta !== null && this.passedPages >= this.surroundings.memory.pages) this.delta.enabled = true;
  }
}
