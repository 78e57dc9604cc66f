import type { CongestionControl } from './congestion-control.ts';

/** One segment more per window, half the window at a loss (RFC 5681, 3.1; RFC 6582). */
export class NewReno implements CongestionControl {
  readonly plain = true;

  increase(acked: number, window: number): number {
    return acked / window;
  }

  endsSlowStart(): boolean {
    return false;
  }

  thresholdAfterLoss(window: number): number {
    return Math.max(2, window / 2);
  }

  restart(): void {
    // The growth depends on the window alone.
  }

  resume(): void {
    // Nor does it depend on time.
  }
}
