import { s } from '../../sim/time.ts';
import type { CongestionControl } from './congestion-control.ts';
import type { HyStart, SlowStartAck } from './hystart.ts';

/** Window growth as a cubic function of the time since the last loss (RFC 9438; Linux, net/ipv4/tcp_cubic.c). */
export class Cubic implements CongestionControl {
  private readonly hyStart: HyStart | null;
  private epochNs = -1;
  private lastMaximum = 0;
  private origin = 0;
  private inflectionS = 0;
  private renoWindow = 0;

  constructor(hyStart: HyStart | null) {
    this.hyStart = hyStart;
  }

  /** RFC 9438, 4.2: towards W_cubic one round trip ahead; 4.3: at least as fast as Reno. */
  increase(acked: number, window: number, nowNs: number, rttMinNs: number): number {
    if (this.epochNs < 0) this.begin(window, nowNs);
    const elapsedS = (nowNs - this.epochNs + rttMinNs) / s;
    // In whole segments as the kernel: after a loss the target is at once the next segment above the window.
    const target = this.origin + Math.trunc(scale * (elapsedS - this.inflectionS) ** 3);
    // Linux grows by at most half a segment per segment, and by one in a hundred windows where it need not grow.
    const whole = Math.floor(window);
    let cubic = target > whole ? Math.min(0.5, (target - whole) / whole) : 0.01 / whole;
    // Where no loss has told the bandwidth yet, by 5 % a round trip at least (net/ipv4/tcp_cubic.c, bictcp_update).
    if (this.lastMaximum === 0) cubic = Math.max(cubic, 0.05);
    this.renoWindow += (acked * renoGrowth) / window;
    const reno = this.renoWindow > window ? (this.renoWindow - window) / window : 0;
    return acked * Math.max(cubic, Math.min(0.5, reno));
  }

  /** Not by delays in the first second after a loss (net/ipv4/tcp_cubic.c, cubictcp_acked). */
  endsSlowStart(ack: SlowStartAck): boolean {
    if (this.hyStart === null) return false;
    return !(this.epochNs >= 0 && ack.nowNs - this.epochNs < s) && this.hyStart.ends(ack);
  }

  /** RFC 9438, 4.6 and 4.7 (fast convergence: a flow whose maximum shrinks gives way). */
  thresholdAfterLoss(window: number): number {
    this.epochNs = -1;
    const whole = Math.floor(window);
    this.lastMaximum = whole < this.lastMaximum ? Math.floor((whole * (1 + decrease)) / 2) : whole;
    return Math.max(2, Math.floor(whole * decrease));
  }

  restart(): void {
    this.hyStart?.restart();
    this.epochNs = -1;
    this.lastMaximum = 0;
  }

  /** The growth goes on where it stopped (net/ipv4/tcp_cubic.c, cubictcp_cwnd_event). */
  resume(idleNs: number): void {
    if (this.epochNs >= 0) this.epochNs += idleNs;
  }

  private begin(window: number, nowNs: number): void {
    this.epochNs = nowNs;
    this.renoWindow = window;
    this.origin = Math.max(this.lastMaximum, Math.floor(window));
    this.inflectionS = Math.cbrt((this.origin - Math.floor(window)) / scale);
  }
}

/** C of RFC 9438, 5: segments per second cubed. */
const scale = 0.4;
/** beta of Linux: 717/1024. */
const decrease = 717 / 1024;
/** What Reno with Linux's beta gains per window (RFC 9438, 4.3). */
const renoGrowth = (3 * (1 - decrease)) / (1 + decrease);
