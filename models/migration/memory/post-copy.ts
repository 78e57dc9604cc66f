import type { Process } from '../../../sim/process.ts';
import { until } from '../../../sim/process.ts';
import type { Signal } from '../../../sim/signal.ts';
import { ms } from '../../../sim/time.ts';
import { CopyRounds } from './copy-rounds.ts';
import type { CopyCosts, FaultHandling, WireFormat } from './memory-plan.ts';
import type { LiveVerdict, MemorySurroundings, MemoryTransfer, RoundRecord } from './memory-transfer.ts';
import type { FaultPath } from './page-server.ts';
import { PageServer } from './page-server.ts';
import { QemuRateWindow } from './qemu-rate-window.ts';
import { fixedSocket, SocketBuffer } from './socket-buffer.ts';

export interface RemotePages {
  readonly costs: CopyCosts;
  readonly wire: WireFormat;
  readonly faults: FaultHandling;
  readonly path: FaultPath;
  /** Nothing was sent before: otherwise only what pre-copy left is. */
  readonly everything: boolean;
}

/** A source that pushes as fast as its stream takes it, and a path that holds nothing. */
export const plainPath: FaultPath = { pushPageNs: 0, queueNs: 0, requestsWaitForWindow: false };

/** The push is limited in windows of this length. */
const windowNs = 100 * ms;

/**
 * Post-copy (Hines and Gopalan, VEE 2009, section 3; QEMU 7.2, migration/postcopy-ram.c): the guest stops at
 * once, its processor and device state moves, it resumes at the destination, and each page follows exactly once.
 * Its pause says little about what its clients see: they wait for the faults that it meets one after another.
 */
export class PostCopy implements MemoryTransfer {
  verdict: LiveVerdict = 'under-way';
  /** When the device state was in the socket: there QEMU's own `downtime` ends. */
  lastWriteNs = 0;
  private readonly plan: RemotePages;
  private readonly surroundings: MemorySurroundings;
  private readonly copy: CopyRounds;
  private readonly socket: SocketBuffer;
  private server: PageServer | null = null;

  constructor(plan: RemotePages, surroundings: MemorySurroundings, socket: SocketBuffer | null) {
    this.plan = plan;
    this.surroundings = surroundings;
    this.copy = new CopyRounds(surroundings, plan.wire);
    const { simulation, stream, chance } = surroundings;
    this.socket = socket ?? new SocketBuffer(simulation, stream, fixedSocket(262_144), chance);
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

  /** Faults that the guest met, and when it had all pages that it needed to go on; 0 before that. */
  get faults(): number {
    return this.server?.faults ?? 0;
  }

  get backNs(): number {
    return this.server?.backNs ?? 0;
  }

  *live(): Process {
    if (this.plan.costs.setUpNs > 0) yield this.plan.costs.setUpNs;
    this.verdict = 'converged';
  }

  *stopped(): Process {
    const { memory, simulation } = this.surroundings;
    const { costs, everything } = this.plan;
    if (everything) memory.trackAll('linear');
    else memory.sync();
    this.socket.capBps = costs.stoppedRateBps;
    this.socket.stalls = false;
    this.copy.sentBytes += costs.deviceBytes;
    yield* this.socket.write(costs.deviceBytes);
    this.lastWriteNs = simulation.nowNs;
    yield* this.socket.drain();
    if (costs.endNs > 0) yield costs.endNs;
  }

  *remote(): Process {
    const { simulation } = this.surroundings;
    const { costs, faults, wire, path } = this.plan;
    const capBps = Math.min(faults.pushBps === 0 ? Infinity : faults.pushBps, costs.liveRateBps);
    const window = new QemuRateWindow({ capBps, windowNs, downtimeMaxNs: 0 });
    window.open(simulation.nowNs);
    this.server = new PageServer(this.surroundings, this.copy, {
      wire,
      faults,
      path,
      window,
      socket: this.socket,
    });
    this.copy.begin('remote');
    const guest = simulation.spawn(this.server.guest());
    yield* this.server.serve();
    yield* until(guest.done);
    this.copy.end();
  }
}
