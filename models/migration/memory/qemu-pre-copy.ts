import type { Process, Waitable } from '../../../sim/process.ts';
import type { Signal } from '../../../sim/signal.ts';
import { pageBytes } from '../../compute/memory-access.ts';
import { CopyRounds } from './copy-rounds.ts';
import type { PreCopyPlan, QemuRounds } from './memory-plan.ts';
import type { LiveVerdict, MemorySurroundings, MemoryTransfer, RoundRecord } from './memory-transfer.ts';
import type { QemuHost } from './qemu-sender.ts';
import { QemuSender } from './qemu-sender.ts';
import type { SocketBuffer } from './socket-buffer.ts';
import { QemuThrottle } from './qemu-throttle.ts';

export interface QemuPlan extends PreCopyPlan {
  readonly rounds: QemuRounds;
  readonly host: QemuHost;
}

/** A reading of the dirty log. */
export interface SyncRecord {
  readonly atNs: number;
  readonly newlyDirtyPages: number;
}

/**
 * QEMU's pre-copy, read in migration/migration.c and ram.c of 7.2 and held against 84 measured migrations
 * (results/reference/golden-qemu.json.gz). At each step, if fewer dirty bytes are left than the threshold
 * (last window's bandwidth × downtime limit), the log is read; if they still are, the guest stops. So a round
 * normally ends with pages unsent, and convergence is tested at those instants only. The scan goes round the
 * memory from where it stopped. The last stage knows no rate limit, so that real downtime stays far below the
 * limit on a fast link.
 */
export class QemuPreCopy implements MemoryTransfer {
  verdict: LiveVerdict = 'under-way';
  readonly syncs: SyncRecord[] = [];
  readonly throttle: QemuThrottle;
  /** When the last byte of the last stage was in the socket: there QEMU's own `downtime` ends. */
  lastWriteNs = 0;
  private readonly plan: QemuPlan;
  private readonly surroundings: MemorySurroundings;
  private readonly copy: CopyRounds;
  private readonly sender: QemuSender;
  /** When the live phase began. */
  private startNs = 0;

  constructor(plan: QemuPlan, surroundings: MemorySurroundings) {
    const { simulation, clock, memory } = surroundings;
    this.plan = plan;
    this.surroundings = surroundings;
    this.copy = new CopyRounds(surroundings, plan.wire);
    this.sender = new QemuSender(plan, { surroundings, copy: this.copy });
    const throttled = surroundings.throttled.bind(surroundings);
    this.throttle = new QemuThrottle(plan.rounds.throttle, simulation, {
      clock,
      pacing: memory.pacing,
      throttled,
    });
  }

  /** Post-copy goes on over the same connection. */
  get socket(): SocketBuffer {
    return this.sender.socket;
  }

  get rounds(): readonly RoundRecord[] {
    return this.copy.records;
  }

  get sentBytes(): number {
    return this.copy.sentBytes;
  }

  breakOff(unsent: ReadonlyMap<Signal<void>, number>): void {
    this.copy.breakOff(unsent);
    this.throttle.release();
  }

  *live(): Process {
    const { memory, simulation } = this.surroundings;
    const { setUpNs, liveRateBps } = this.plan.costs;
    this.startNs = simulation.nowNs;
    this.sender.window.open(this.startNs);
    this.throttle.begin();
    if (setUpNs > 0) yield setUpNs;
    this.sender.socket.capBps = liveRateBps;
    this.sender.socket.stalls = true;
    memory.trackAll('linear');
    this.noteSync(0);
    this.copy.begin('live');
    while (this.verdict === 'under-way') this.verdict = yield* this.turn();
    this.copy.end();
    if (this.verdict === 'gave-up') this.throttle.release();
  }

  *stopped(): Process {
    const { memory, simulation } = this.surroundings;
    const { deviceBytes, endNs, stoppedRateBps } = this.plan.costs;
    this.throttle.release();
    this.noteSync(memory.sync());
    this.sender.socket.capBps = stoppedRateBps;
    this.sender.socket.stalls = false;
    this.copy.begin('stopped');
    yield* this.sender.rest();
    this.copy.end();
    yield* this.sender.socket.write(deviceBytes);
    this.lastWriteNs = simulation.nowNs;
    yield* this.sender.socket.drain();
    if (endNs > 0) yield endNs;
  }

  *remote(): Process {
    // All pages have arrived.
  }

  /** One turn of `migration_thread`: a step, unless the budget is spent, and then the rest of the window. */
  private *turn(): Generator<Waitable, LiveVerdict, unknown> {
    const { window } = this.sender;
    if (!window.spent) {
      if (this.littleLeft()) yield* this.readLog();
      if (this.littleLeft()) return 'converged';
      yield* this.sender.step();
    }
    const verdict = this.limitReached();
    if (verdict !== 'under-way') return verdict;
    window.update(this.surroundings.simulation.nowNs);
    if (window.spent) yield* this.sleep();
    return 'under-way';
  }

  private littleLeft(): boolean {
    const { pendingPages } = this.surroundings.memory;
    return pendingPages === 0 || pendingPages * pageBytes < this.sender.window.thresholdBytes;
  }

  /** `migration_iteration_run` when little is left: the log decides whether that is so. */
  private *readLog(): Process {
    const answerNs = Math.ceil(this.throttle.answerNs);
    if (answerNs > 0) yield answerNs;
    this.copy.end();
    const newlyDirty = this.surroundings.memory.sync();
    this.noteSync(newlyDirty);
    this.throttle.read(newlyDirty, this.sentBytes);
    this.copy.begin('live');
  }

  private noteSync(newlyDirtyPages: number): void {
    this.syncs.push({ atNs: this.surroundings.simulation.nowNs, newlyDirtyPages });
    if (this.sender.delta !== null) this.sender.delta.readings = this.syncs.length;
  }

  /** Sleeps until the window is over; the thread wakes up somewhat late. */
  private *sleep(): Process {
    const { simulation } = this.surroundings;
    const { window } = this.sender;
    yield Math.max(0, window.endNs - simulation.nowNs) + this.plan.rounds.wakeUpNs;
    window.update(simulation.nowNs);
  }

  private limitReached(): LiveVerdict {
    const { limits } = this.plan;
    const reached =
      this.copy.records.length >= limits.roundsMax ||
      this.sentBytes >= limits.bytesMax ||
      this.surroundings.simulation.nowNs - this.startNs >= limits.liveNsMax;
    if (!reached) return 'under-way';
    return limits.then === 'stop' ? 'limit' : 'gave-up';
  }
}
