import { s } from '../../sim/time.ts';
import { lossyGrid, lossyRatesKbps } from './lossy-grid.ts';
import { linux6, stampedSegmentBytes, type TcpSettings } from './tcp-settings.ts';

/** A path as one TCP connection meets it. */
export interface LossyPath {
  /** Of its narrowest wire. */
  readonly lineRateBps: number;
  /** Without queues. */
  readonly roundTripNs: number;
  /** The probability that a frame is lost between the ends; as much of the acknowledgements is lost. */
  readonly loss: number;
}

/**
 * The mean rate at which payload arrives over one CUBIC connection that always has something to send, in bit/s; Infinity
 * without loss.
 *
 * Within {@link lossyGrid} it is what packet endpoints reach, between its points by straight lines of logarithms. No law in closed form does:
 * how fast CUBIC grows at short round trips depends on the kernel's ticks (of 4 ms) and on the 31 ms for which it keeps its rate of growth
 * (net/ipv4/tcp_cubic.c, bictcp_update), and where windows are of a few segments, on which of them a probe, a delayed acknowledgement or a timeout
 * waits for. Beyond the grid the nearest points are carried on: to smaller losses and longer round trips by {@link cubicBps}, to larger losses
 * as between the last two; a shorter round trip counts as the shortest, which is what hosts themselves take, and a line beside the slowest or fastest as that.
 */
export function lossyThroughputBps(age: TcpSettings['age'], path: LossyPath): number {
  if (path.loss === 0) return Infinity;
  const { lineRatesBps, roundTripsNs, losses } = lossyGrid;
  const rate = placeIn(lineRatesBps, clamp(path.lineRateBps, lineRatesBps));
  const roundTripNs = clamp(path.roundTripNs, roundTripsNs);
  const roundTrip = placeIn(roundTripsNs, roundTripNs);
  const measuredLoss = Math.max(path.loss, losses[0]!);
  const loss = placeIn(losses, measuredLoss);
  const bps = Math.exp(logRate(lossyRatesKbps[age], rate, roundTrip, loss)) * 1000;
  if (measuredLoss === path.loss && path.roundTripNs <= roundTripNs) return bps;
  const beyondNs = Math.max(path.roundTripNs, roundTripNs);
  return (bps * cubicBps(path.loss, beyondNs)) / cubicBps(measuredLoss, roundTripNs);
}

/**
 * The mean rate of CUBIC where losses are rare: a window of sqrt(3 / 2p) segments where it goes by Reno (Mathis et al., "The macroscopic behavior of the TCP
 * congestion avoidance algorithm", ACM CCR 27(3), 1997, equation 3), or of 1.054 · (RTT / p)^(3/4), whichever is larger (RFC 9438, 5.1, with C = 0.4 and beta = 0.7).
 * Timeouts are left out: from 1 % on it is 1.2 to 200 times too fast.
 */
export function cubicBps(loss: number, roundTripNs: number): number {
  const roundTripS = roundTripNs / s;
  const reno = Math.sqrt(3 / (2 * loss));
  const cubic = 1.054 * (roundTripS / loss) ** 0.75;
  return (Math.max(reno, cubic) * stampedSegmentBytes(linux6) * 8) / roundTripS;
}

/** Between which points a value lies: the first of the two, and how far towards the second by logarithms. */
interface Place {
  readonly index: number;
  readonly share: number;
}

function placeIn(points: readonly number[], value: number): Place {
  let index = 0;
  while (index < points.length - 2 && points[index + 1]! <= value) index++;
  const from = points[index]!;
  return { index, share: Math.log(value / from) / Math.log(points[index + 1]! / from) };
}

function logRate(rows: readonly (readonly number[])[], rate: Place, roundTrip: Place, loss: Place): number {
  const perRate = lossyGrid.roundTripsNs.length;
  const at = (row: number): number => {
    const rates = rows[row]!;
    return between(Math.log(rates[loss.index]!), Math.log(rates[loss.index + 1]!), loss.share);
  };
  const over = (row: number): number => between(at(row), at(row + 1), roundTrip.share);
  const row = rate.index * perRate + roundTrip.index;
  return between(over(row), over(row + perRate), rate.share);
}

function between(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

function clamp(value: number, points: readonly number[]): number {
  return Math.min(Math.max(value, points[0]!), points[points.length - 1]!);
}
