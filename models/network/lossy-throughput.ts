import { s } from '../../sim/time.ts';

/**
 * The mean rate of a bulk transfer over CUBIC, in bit/s of payload, where one frame in 1 / `loss` is lost and round
 * trips are short of queueing; Infinity without loss. The window is the larger of two: sqrt(3 / 2p) segments where
 * CUBIC goes by Reno (Mathis et al., "The macroscopic behavior of the TCP congestion avoidance algorithm", ACM CCR
 * 27(3), 1997, equation 3), and 1.054 · (RTT / p)^(3/4) elsewhere (RFC 9438, 5.1, with C = 0.4 and beta = 0.7).
 * Timeouts are left out, and that CUBIC hardly grows between frequent losses at short round trips: from 1 % on it is too
 * fast, by how much docs/models.md says. (The full model of Padhye et al., SIGCOMM 1998, equation 32, holds for senders
 * without RACK only: for those of today it is 1.3 to 25 times too slow.)
 */
export function lossyThroughputBps(loss: number, roundTripNs: number): number {
  if (loss === 0 || roundTripNs === 0) return Infinity;
  const roundTripS = roundTripNs / s;
  const reno = Math.sqrt(3 / (2 * loss));
  const cubic = 1.054 * (roundTripS / loss) ** 0.75;
  return (Math.max(reno, cubic) * segmentBytes * 8) / roundTripS;
}

/** Payload of a frame of 1,500 bytes (RFC 9293, 3.7.1). */
const segmentBytes = 1460;
