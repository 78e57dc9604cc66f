import { ms, s } from '../../sim/time.ts';
import { settingsOfAge, stampedSegmentBytes, type TcpSettings } from './tcp-settings.ts';

/**
 * How fast a connection may be until it has found out how fast its path is: the initial window in the first round trip,
 * and twice as much in each one after it (RFC 5681, 3.1; RFC 6928; initial windows of Linux). A window leaves at the beginning of its
 * round trip: as fluid, it does so evenly from half a round trip before that to half a round trip after it, the first one in
 * half a round trip. After an idle time the window is halved for each timeout of 200 ms and a round trip that has passed,
 * as far as the initial one (RFC 2861; net/ipv4/tcp_output.c, tcp_cwnd_restart). That the handshake takes a round trip before is left out.
 */
export class SlowStart {
  private readonly roundTripNs: number;
  /** All in bit/s: a window in each round trip. */
  private readonly initialBps: number;
  private windowBps: number;
  private openNs = -Infinity;
  private idleSinceNs = -Infinity;

  constructor(age: TcpSettings['age'], roundTripNs: number) {
    const settings = settingsOfAge[age];
    this.roundTripNs = roundTripNs;
    this.initialBps = (settings.initialWindow * stampedSegmentBytes(settings) * 8 * s) / roundTripNs;
    this.windowBps = this.initialBps;
  }

  /** bit/s that it may have now: the next window leaves already. */
  get rateBps(): number {
    return 2 * this.windowBps;
  }

  /** When it may have more. */
  get opensNs(): number {
    return this.openNs;
  }

  /** How long until it may have so many bit/s. */
  timeTo(rateBps: number): number {
    return Math.max(0, Math.log2(rateBps / this.rateBps)) * this.roundTripNs;
  }

  /** Whether so many bits leave at once: they fit into the window, of which nothing is in use. */
  holds(bits: number, nowNs: number): boolean {
    const idle = nowNs - this.idleSinceNs >= this.roundTripNs;
    return idle && bits <= (this.windowBps * this.roundTripNs) / s;
  }

  /** A transfer begins. */
  resume(nowNs: number): void {
    const timeouts = Math.floor((nowNs - this.idleSinceNs) / (timeoutMinNs + this.roundTripNs));
    if (timeouts === 0 && nowNs < this.openNs) return;
    if (timeouts > 0) this.windowBps = Math.max(this.initialBps, this.windowBps / 2 ** timeouts);
    this.openNs = nowNs + 1.5 * this.roundTripNs;
  }

  /** A round trip has passed in which as much was sent as the window let. */
  open(): void {
    this.windowBps *= 2;
    this.openNs += this.roundTripNs;
  }

  /** A transfer has ended, at a rate that the path or the sender gave, if not slow start. */
  rest(nowNs: number, reachedBps: number): void {
    this.windowBps = Math.max(this.initialBps, reachedBps);
    this.idleSinceNs = nowNs;
  }

  /** A transfer has ended before slow start was over. */
  pause(nowNs: number): void {
    this.idleSinceNs = nowNs;
  }
}

/** TCP_RTO_MIN of Linux. */
const timeoutMinNs = 200 * ms;
