import { ms } from '../../sim/time.ts';

/**
 * Smoothed round-trip time and its variation as Linux keeps them (net/ipv4/tcp_input.c, tcp_rtt_estimator), in ns. The
 * variation is four times the largest mean deviation of a round trip, 200 ms at least; it rises at once and falls by a
 * quarter of the difference in each round trip, so that it outlives by several what first made it large.
 */
export interface RttEstimate {
  /** 0 before the first sample. */
  smoothedRttNs: number;
  /** Mean deviation of single samples. */
  rttDeviationNs: number;
  /** What the timeout adds to the smoothed round trip, and the largest of the round trip under way. */
  rttVariationNs: number;
  roundVariationNs: number;
  /** The round trip under way ends when more than this is acknowledged. */
  rttRoundEnd: number;
  unacknowledged: number;
  nextOffset: number;
  /** The shortest sample, 0 before the first. */
  shortestRttNs: number;
}

/** What a TCP timestamp says of a time: whole milliseconds (Linux, TCP_TS_HZ). */
export function stampOf(timeNs: number): number {
  return Math.floor(timeNs / ms);
}

/** The round trip of what an echoed timestamp was sent with, one tick at least (net/ipv4/tcp_input.c, tcp_rtt_tsopt_us). */
export function echoedRttNs(echo: number, nowNs: number): number {
  return Math.max(1, stampOf(nowNs) - echo) * ms;
}

export function rttMeasured(estimate: RttEstimate): boolean {
  return estimate.smoothedRttNs > 0;
}

/** The shortest round trip, Infinity before one is measured. */
export function rttMinNs(estimate: RttEstimate): number {
  return estimate.shortestRttNs === 0 ? Infinity : estimate.shortestRttNs;
}

/** The timeout without back-off. */
export function rtoNs(estimate: RttEstimate, { rtoInitialNs, rtoFallbackNs }: RtoBounds): number {
  if (rttMeasured(estimate)) return estimate.smoothedRttNs + estimate.rttVariationNs;
  return estimate.unacknowledged === 0 ? rtoInitialNs : rtoFallbackNs;
}

export interface RtoBounds {
  /** Before the first sample. */
  readonly rtoInitialNs: number;
  /** Where the handshake gave none, since it took more than one try or a cookie (RFC 6298, 5.7; TCP_TIMEOUT_FALLBACK). */
  readonly rtoFallbackNs: number;
}

/** Of one acknowledgement: the round trip of the first that it acknowledges counts for the mean, that of the last for the least. */
export function sampleRtt(
  estimate: RttEstimate,
  rttNs: number,
  lastRttNs: number,
  variationMinNs: number,
): void {
  const sampleNs = Math.max(1, rttNs);
  const shortNs = Math.max(1, lastRttNs);
  if (estimate.shortestRttNs === 0 || shortNs < estimate.shortestRttNs) estimate.shortestRttNs = shortNs;
  if (!rttMeasured(estimate)) {
    estimate.smoothedRttNs = sampleNs;
    estimate.rttDeviationNs = Math.round(sampleNs / 2);
    estimate.rttVariationNs = Math.max(variationMinNs, 4 * estimate.rttDeviationNs);
    estimate.roundVariationNs = estimate.rttVariationNs;
    estimate.rttRoundEnd = estimate.nextOffset;
    return;
  }
  const errorNs = sampleNs - estimate.smoothedRttNs;
  // A sample far below the mean counts for an eighth of its deviation only, so that a sudden fast answer does not raise the RTO.
  const weight = errorNs < 0 && -errorNs > estimate.rttDeviationNs ? 1 / 32 : 1 / 4;
  estimate.rttDeviationNs += Math.round((Math.abs(errorNs) - estimate.rttDeviationNs) * weight);
  estimate.smoothedRttNs = Math.max(1, estimate.smoothedRttNs + Math.round(errorNs / 8));
  vary(estimate, variationMinNs);
}

function vary(estimate: RttEstimate, variationMinNs: number): void {
  const variationNs = 4 * estimate.rttDeviationNs;
  if (variationNs > estimate.roundVariationNs) estimate.roundVariationNs = variationNs;
  if (variationNs > estimate.rttVariationNs) estimate.rttVariationNs = variationNs;
  if (estimate.unacknowledged <= estimate.rttRoundEnd) return;
  const excessNs = estimate.rttVariationNs - estimate.roundVariationNs;
  if (excessNs > 0) estimate.rttVariationNs -= Math.round(excessNs / 4);
  estimate.rttRoundEnd = estimate.nextOffset;
  estimate.roundVariationNs = variationMinNs;
}
