import type { Process } from '../../../sim/process.ts';
import { until, untilOrTimeout } from '../../../sim/process.ts';
import { Signal } from '../../../sim/signal.ts';
import type { CopyRounds } from './copy-rounds.ts';
import type { FaultHandling, WireFormat } from './memory-plan.ts';
import type { MemorySurroundings } from './memory-transfer.ts';
import type { QemuRateWindow } from './qemu-rate-window.ts';
import type { SocketBuffer } from './socket-buffer.ts';

/** Pages pushed between two looks at the requests. */
const pagesPerLook = 32;

/** What the hosts and the network between them add to the handling of faults. */
export interface FaultPath {
  /** CPU time of the source for a page that is pushed. */
  readonly pushPageNs: number;
  /** What the network holds ahead of a page on a channel of its own. */
  readonly queueNs: number;
  /** QEMU 7.2 looks at requests only while its push is within the budget of the current window. */
  readonly requestsWaitForWindow: boolean;
}

/** The source's part in post-copy: pushes what is left, and serves the pages that the guest waits for first. */
export class PageServer {
  /** Faults that the guest has met so far. */
  faults = 0;
  /** When the guest had all that it needed; 0 before that. */
  backNs = 0;
  private readonly surroundings: MemorySurroundings;
  private readonly copy: CopyRounds;
  private readonly wire: WireFormat;
  private readonly faulting: FaultHandling;
  private readonly path: FaultPath;
  private readonly window: QemuRateWindow;
  private readonly socket: SocketBuffer;
  /** The page that the guest waits for; a vCPU waits for one at a time. */
  private request: Signal<void> | null = null;
  private asked = new Signal<void>();
  /** The guest has touched all that it needs: without a push, what is left follows now. */
  private guestIsBack = false;

  constructor(
    surroundings: MemorySurroundings,
    copy: CopyRounds,
    options: {
      readonly wire: WireFormat;
      readonly faults: FaultHandling;
      readonly path: FaultPath;
      readonly window: QemuRateWindow;
      readonly socket: SocketBuffer;
    },
  ) {
    this.surroundings = surroundings;
    this.copy = copy;
    this.wire = options.wire;
    this.faulting = options.faults;
    this.path = options.path;
    this.window = options.window;
    this.socket = options.socket;
  }

  /** The resumed guest: touches what it needs and stands still while a page is missing. */
  *guest(): Process {
    const { memory, clock, simulation } = this.surroundings;
    clock.setRate(0, 'fault');
    for (let index = 0; ; index++) {
      const touched = memory.touch(index);
      if (touched === 'done') break;
      if (touched === 'there') continue;
      this.faults++;
      yield this.faulting.requestNs;
      const arrived = new Signal<void>();
      this.request = arrived;
      if (!this.asked.fired) this.asked.fire();
      yield* until(arrived);
      yield this.faulting.resumeNs;
    }
    clock.setRate(1, 'fault');
    this.guestIsBack = true;
    this.backNs = simulation.nowNs;
    if (!this.asked.fired) this.asked.fire();
  }

  /** Sends until nothing is left and the guest waits for nothing. */
  *serve(): Process {
    const { memory, simulation } = this.surroundings;
    while (memory.pendingPages > 0 || !this.guestIsBack) {
      if (this.request !== null && !this.mustWait()) yield* this.answer(this.request);
      else if (memory.pendingPages > 0 && this.mayPush()) yield* this.push(pagesPerLook);
      else {
        this.asked = new Signal();
        const waitNs = this.window.spent ? Math.max(1, this.window.endNs - simulation.nowNs) : Infinity;
        if (waitNs === Infinity) yield* until(this.asked);
        else if (this.path.requestsWaitForWindow) yield waitNs;
        else yield* untilOrTimeout(this.asked, waitNs);
      }
      this.window.update(simulation.nowNs);
    }
    yield* this.socket.drain();
  }

  private mustWait(): boolean {
    return this.path.requestsWaitForWindow && this.window.spent;
  }

  private mayPush(): boolean {
    return !this.window.spent && (this.faulting.pushBps > 0 || this.guestIsBack);
  }

  private *push(pagesMax: number): Process {
    const taken = this.surroundings.memory.take({
      ...this.wire,
      pagesMax,
      bytesMax: this.window.leftBytes,
      skipDirtied: false,
      delta: null,
    });
    yield Math.ceil(taken.dataPages * this.path.pushPageNs);
    yield* this.send(taken.dataPages + taken.zeroPages, taken.bytes);
  }

  /** The page of a fault, and with pre-paging the next ones, which are likely to be needed soon. */
  private *answer(request: Signal<void>): Process {
    this.request = null;
    const bytes = this.wire.dataPageBytes;
    if (this.faulting.preempt) {
      this.copy.add(1, 0, bytes);
      this.surroundings.simulation.schedule(this.path.queueNs, fire, request);
    } else {
      yield* this.send(1, bytes);
      this.socket.mark().listen(() => {
        request.fire();
      });
    }
    if (this.faulting.prePagingPages > 0) yield* this.push(this.faulting.prePagingPages);
  }

  private *send(pages: number, bytes: number): Process {
    this.copy.add(pages, 0, bytes);
    this.window.sent(bytes);
    yield* this.socket.write(bytes);
  }
}

function fire(signal: Signal<void>): void {
  signal.fire();
}
