import { s } from '../../sim/time.ts';
import type { CongestionControl } from './congestion-control.ts';

/** Window growth as a cubic function of the time since the last loss (RFC 9438; Linux, net/ipv4/tcp_cubic.c). */
export class Cubic implements CongestionControl {
  private epochNs = -1;
  private lastMaximum = 0;
  private origin = 0;
  private inflectionS = 0;
  private renoWindow = 0;

  /** RFC 9438, 4.2 and 4.3: towards W_cubic one round trip ahead, and never slower than Reno would be. */
  increase(acked: number, window: number, nowNs: number, rttMinNs: number): number {
    if (this.epochNs < 0) this.begin(window, nowNs);
    const elapsedS = (nowNs - this.epochNs + rttMinNs) / s;
    const target = this.origin + scale * (elapsedS - this.inflectionS) ** 3;
    // Linux grows by at most half a segment per segment, and by one in a hundred windows where it need not grow.
    const cubic = target > window ? Math.min(0.5, (target - window) / window) : 0.01 / window;
    this.renoWindow += (acked * renoGrowth) / window;
    const reno = this.renoWindow > window ? (this.renoWindow - window) / window : 0;
    return acked * Math.max(cubic, Math.min(0.5, reno));
  }

  /** RFC 9438, 4.6 and 4.7 (fast convergence: a flow whose maximum shrinks gives way). */
  thresholdAfterLoss(window: number): number {
    this.epochNs = -1;
    this.lastMaximum = window < this.lastMaximum ? (window * (1 + decrease)) / 2 : window;
    return Math.max(2, window * decrease);
  }

  restart(): void {
    this.epochNs = -1;
    this.lastMaximum = 0;
  }

  private begin(window: number, nowNs: number): void {
    this.epochNs = nowNs;
    this.renoWindow = window;
    this.origin = Math.max(this.lastMaximum, window);
    this.inflectionS = Math.cbrt((this.origin - window) / scale);
  }
}

/** C of RFC 9438, 5: segments per second cubed. */
const scale = 0.4;
/** beta of Linux: 717/1024. */
const decrease = 717 / 1024;
/** What Reno with Linux's beta gains per window (RFC 9438, 4.3). */
const renoGrowth = (3 * (1 - decrease)) / (1 + decrease);
