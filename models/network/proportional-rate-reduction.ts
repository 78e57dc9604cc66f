/** What an acknowledgement in recovery says; all in segments. */
export interface RecoveryAck {
  /** Newly delivered, cumulatively or selectively. */
  readonly delivered: number;
  readonly inFlight: number;
  readonly threshold: number;
  /** The oldest data are acknowledged and no further losses were found. */
  readonly safe: boolean;
}

/**
 * How much a sender sends in recovery: above the threshold in proportion to what is delivered, so that the window
 * shrinks over one round trip; below it as much as is delivered, and one more where recovery goes well.
 * Source: RFC 6937 with the bound of RFC 9937; Linux 6.18, net/ipv4/tcp_input.c, tcp_cwnd_reduction.
 */
export class ProportionalRateReduction {
  private readonly windowBefore: number;
  private delivered = 0;
  private sent = 0;

  /** A loss was found while the window was so many segments. */
  constructor(window: number) {
    this.windowBefore = window;
  }

  /** Segments leave, new ones or lost ones again. */
  send(segments: number): void {
    this.sent += segments;
  }

  /** The window: what is in flight, and what may be sent now. */
  windowAfter({ delivered, inFlight, threshold, safe }: RecoveryAck): number {
    this.delivered += delivered;
    const room = threshold - inFlight;
    let allowed: number;
    if (room < 0) allowed = Math.ceil((threshold * this.delivered) / this.windowBefore) - this.sent;
    else allowed = Math.min(room, Math.max(this.delivered - this.sent, delivered) + (safe ? 1 : 0));
    // The first lost segment is sent again at once.
    return inFlight + Math.max(allowed, this.sent === 0 ? 1 : 0);
  }
}
