import { ms } from '../../sim/time.ts';

/** What an acknowledgement with a round-trip sample says in slow start. */
export interface SlowStartAck {
  readonly nowNs: number;
  readonly rttNs: number;
  readonly rttMinNs: number;
  /** Segments. */
  readonly window: number;
  /** Offsets: all before the first is acknowledged, all before the second is sent. */
  readonly acknowledged: number;
  readonly sent: number;
  /** At the sender's pace 256 KiB take so long. */
  readonly burstNs: number;
}

/**
 * A round begins with an acknowledgement beyond the offset `end`, which becomes what is sent by then. With less than
 * {@link hyStartWindow} segments of window HyStart notes no more.
 */
export interface SlowStartRound {
  readonly end: number;
  readonly startNs: number;
}

/**
 * Ends slow start before it overshoots: where the acknowledgements of one round come in a train longer than half
 * the shortest round trip, or where a round's shortest round trip is an eighth longer.
 * Source: Ha and Rhee, "Taming the elephants: New TCP slow start", Computer Networks 55(9), 2011; Linux 6.18,
 * net/ipv4/tcp_cubic.c, hystart_update.
 */
export class HyStart {
  private ended = false;
  private roundEnd: number;
  private roundStartNs: number;
  private lastAckNs: number;
  private roundMinNs = Infinity;
  private samples = 0;

  constructor({ end, startNs }: SlowStartRound) {
    this.roundEnd = end;
    this.roundStartNs = startNs;
    this.lastAckNs = startNs;
  }

  /** What it knows of a round is forgotten when the next one begins. */
  get plain(): boolean {
    return !this.ended;
  }

  /** Whether slow start ends with this acknowledgement; true once. */
  ends(ack: SlowStartAck): boolean {
    if (this.ended) return false;
    if (ack.acknowledged > this.roundEnd) this.beginRound(ack);
    if (ack.window < hyStartWindow) return false;
    this.ended = this.trainIsLong(ack) || this.delayHasGrown(ack);
    return this.ended;
  }

  /** After a timeout. */
  restart(): void {
    this.ended = false;
    this.roundEnd = 0;
  }

  private beginRound({ nowNs, sent }: SlowStartAck): void {
    this.roundEnd = sent;
    this.roundStartNs = nowNs;
    this.lastAckNs = nowNs;
    this.roundMinNs = Infinity;
    this.samples = 0;
  }

  private trainIsLong({ nowNs, rttMinNs, burstNs }: SlowStartAck): boolean {
    if (nowNs - this.lastAckNs > trainGapNs) return false;
    this.lastAckNs = nowNs;
    return nowNs - this.roundStartNs > (rttMinNs + Math.min(1 * ms, burstNs)) / 2;
  }

  private delayHasGrown({ rttNs, rttMinNs }: SlowStartAck): boolean {
    this.roundMinNs = Math.min(this.roundMinNs, rttNs);
    if (this.samples < samplesMin) {
      this.samples++;
      return false;
    }
    return this.roundMinNs > rttMinNs + Math.min(16 * ms, Math.max(4 * ms, rttMinNs / 8));
  }
}

/** Segments below which slow start goes on whatever comes (hystart_low_window). */
export const hyStartWindow = 16;
/** Acknowledgements further apart are no train (hystart_ack_delta_us). */
const trainGapNs = 2 * ms;
/** Round-trip samples of a round before they count (HYSTART_MIN_SAMPLES). */
const samplesMin = 8;
