import { ms } from '../../../sim/time.ts';

/**
 * QEMU's rate limit and bandwidth estimate (`migration_update_counters`, `qemu_file_rate_limit`,
 * migration/migration.c and qemu-file.c, 7.2): a budget of bytes for each window; when a window is over,
 * threshold = bytes sent in it / its length × downtime limit.
 */
export class QemuRateWindow {
  /** Dirty bytes below which the dirty log is read and, if it stays below, the guest stopped. */
  thresholdBytes = 0;
  private readonly budgetBytes: number;
  private readonly windowNs: number;
  private readonly downtimeMaxNs: number;
  private startNs = 0;
  private sentBytes = 0;

  constructor(options: {
    readonly capBps: number;
    readonly windowNs: number;
    readonly downtimeMaxNs: number;
  }) {
    this.windowNs = options.windowNs;
    this.downtimeMaxNs = options.downtimeMaxNs;
    this.budgetBytes = Math.floor(((options.capBps / 8) * options.windowNs) / (1000 * ms));
  }

  /** The first window opens when the migration's thread starts, before its set-up. */
  open(nowNs: number): void {
    this.startNs = nowNs;
  }

  /** The budget is spent; it may be overshot by what was sent last. */
  get spent(): boolean {
    return this.sentBytes > this.budgetBytes;
  }

  /** How much may be sent before the budget is spent. */
  get leftBytes(): number {
    return this.budgetBytes - this.sentBytes;
  }

  get endNs(): number {
    return this.startNs + this.windowNs;
  }

  sent(bytes: number): void {
    this.sentBytes += bytes;
  }

  /** Closes the window when it is over, and opens the next. */
  update(nowNs: number): void {
    if (nowNs < this.endNs) return;
    this.thresholdBytes = (this.sentBytes / (nowNs - this.startNs)) * this.downtimeMaxNs;
    this.startNs = nowNs;
    this.sentBytes = 0;
  }
}
