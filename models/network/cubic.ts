import { s } from '../../sim/time.ts';
import type { CongestionControl } from './congestion-control.ts';
import type { HyStart, SlowStartAck } from './hystart.ts';

/**
 * Window growth as a cubic function of the time since the last loss, in the whole segments and at the moments of Linux
 * (RFC 9438; Linux, net/ipv4/tcp_cubic.c, bictcp_update; tcp_cong.c, tcp_cong_avoid_ai).
 *
 * The rate of growth is found anew only when the window has changed or 1/32 s has passed, so that at round trips far
 * below that CUBIC hardly grows between frequent losses, and is slower than Reno.
 */
export class Cubic implements CongestionControl {
  private readonly hyStart: HyStart | null;
  /** The kernel's tick; 0 where time is exact. */
  private readonly tickNs: number;
  private epochNs = -1;
  private lastMaximum = 0;
  private origin = 0;
  private inflectionS = 0;
  private lastWindow = -1;
  private lastUpdateNs = -Infinity;
  /** Acknowledged segments that make the window grow by one, and those that came since it did. */
  private segmentsPerGrowth = 0;
  private credit = 0;
  /** The window that Reno would have, and what was acknowledged since it grew. */
  private renoWindow = 0;
  private renoCredit = 0;

  constructor(hyStart: HyStart | null, tickNs: number) {
    this.hyStart = hyStart;
    this.tickNs = tickNs;
  }

  get plain(): boolean {
    return this.segmentsPerGrowth === 0 && this.lastMaximum === 0 && this.hyStart?.plain !== false;
  }

  increase(acked: number, window: number, nowNs: number, rttMinNs: number): number {
    const whole = Math.floor(window);
    this.renoCredit += acked;
    const timeNs = this.tickNs === 0 ? nowNs : Math.floor(nowNs / this.tickNs) * this.tickNs;
    if (whole !== this.lastWindow || timeNs - this.lastUpdateNs > updateNs) {
      this.updateRate(acked, whole, timeNs, rttMinNs);
    }
    let grown = 0;
    if (this.credit >= this.segmentsPerGrowth) {
      this.credit = 0;
      grown = 1;
    }
    this.credit += acked;
    const more = Math.floor(this.credit / this.segmentsPerGrowth);
    this.credit -= more * this.segmentsPerGrowth;
    return grown + more;
  }

  /** Not by delays in the first second after a loss (net/ipv4/tcp_cubic.c, cubictcp_acked). */
  endsSlowStart(ack: SlowStartAck): boolean {
    if (this.hyStart === null) return false;
    return !(this.epochNs >= 0 && ack.nowNs - this.epochNs < s) && this.hyStart.ends(ack);
  }

  /** RFC 9438, 4.6 and 4.7 (fast convergence: a flow whose maximum shrinks gives way). */
  thresholdAfterLoss(window: number): number {
    this.epochNs = -1;
    this.credit = 0;
    const whole = Math.floor(window);
    this.lastMaximum = whole < this.lastMaximum ? Math.floor((whole * (1 + decrease)) / 2) : whole;
    return Math.max(2, Math.floor(whole * decrease));
  }

  restart(): void {
    this.hyStart?.restart();
    this.epochNs = -1;
    this.credit = 0;
    this.lastMaximum = 0;
    this.lastWindow = -1;
    this.lastUpdateNs = -Infinity;
  }

  /** The growth goes on where it stopped (net/ipv4/tcp_cubic.c, cubictcp_cwnd_event). */
  resume(idleNs: number): void {
    if (this.epochNs >= 0) this.epochNs += idleNs;
  }

  private updateRate(acked: number, window: number, timeNs: number, rttMinNs: number): void {
    // Within one tick the cubic function is asked once.
    const asked = this.epochNs >= 0 && timeNs === this.lastUpdateNs && this.tickNs > 0;
    if (!asked) {
      this.lastWindow = window;
      this.lastUpdateNs = timeNs;
      if (this.epochNs < 0) this.begin(acked, window, timeNs);
      this.segmentsPerGrowth = this.cubicSegmentsPerGrowth(window, timeNs, rttMinNs);
    }
    this.growAsReno(window);
    const ahead = this.renoWindow - window;
    if (ahead > 0) this.segmentsPerGrowth = Math.min(this.segmentsPerGrowth, Math.floor(window / ahead));
    this.segmentsPerGrowth = Math.max(2, this.segmentsPerGrowth);
  }

  /** RFC 9438, 4.2: towards W_cubic one round trip ahead. */
  private cubicSegmentsPerGrowth(window: number, timeNs: number, rttMinNs: number): number {
    const roundTripNs = this.tickNs === 0 ? rttMinNs : Math.ceil(rttMinNs / this.tickNs) * this.tickNs;
    const elapsedS = (timeNs - this.epochNs + roundTripNs) / s;
    // In whole segments: after a loss the target is at once the next segment above the window.
    const target = this.origin + Math.trunc(scale * (elapsedS - this.inflectionS) ** 3);
    const segments = target > window ? Math.floor(window / (target - window)) : 100 * window;
    // Where no loss has told the bandwidth yet, by 5 % a round trip at least.
    return this.lastMaximum === 0 ? Math.min(20, segments) : segments;
  }

  /** RFC 9438, 4.3, with Linux's beta: a segment for each 15/8 windows. */
  private growAsReno(window: number): void {
    const segments = Math.floor((window * 15) / 8);
    while (this.renoCredit > segments) {
      this.renoCredit -= segments;
      this.renoWindow++;
    }
  }

  private begin(acked: number, window: number, timeNs: number): void {
    this.epochNs = timeNs;
    this.renoCredit = acked;
    this.renoWindow = window;
    this.origin = Math.max(this.lastMaximum, window);
    this.inflectionS = Math.cbrt((this.origin - window) / scale);
  }
}

/** C of RFC 9438, 5: segments per second cubed. */
const scale = 0.4;
/** beta of Linux: 717/1024. */
const decrease = 717 / 1024;
const updateNs = s / 32;
