/**
 * Smoothed round-trip time and its variation as Linux keeps them (net/ipv4/tcp_input.c, tcp_rtt_estimator),
 * in ns. The variation counts as at least `rtoMinNs`, so that RTO = SRTT + max(4 RTTVAR, 200 ms).
 */
export interface RttEstimate {
  /** 0 before the first sample. */
  smoothedRttNs: number;
  rttDeviationNs: number;
  /** The shortest sample, 0 before the first. */
  shortestRttNs: number;
}

export function rttMeasured(estimate: RttEstimate): boolean {
  return estimate.smoothedRttNs > 0;
}

/** The shortest round trip, Infinity before one is measured. */
export function rttMinNs(estimate: RttEstimate): number {
  return estimate.shortestRttNs === 0 ? Infinity : estimate.shortestRttNs;
}

/** The timeout without back-off. */
export function rtoNs(estimate: RttEstimate, { rtoMinNs, rtoInitialNs }: RtoBounds): number {
  if (!rttMeasured(estimate)) return rtoInitialNs;
  return estimate.smoothedRttNs + Math.max(rtoMinNs, 4 * estimate.rttDeviationNs);
}

export interface RtoBounds {
  readonly rtoMinNs: number;
  /** Before the first sample. */
  readonly rtoInitialNs: number;
}

export function sampleRtt(estimate: RttEstimate, rttNs: number): void {
  const sampleNs = Math.max(1, rttNs);
  if (estimate.shortestRttNs === 0 || sampleNs < estimate.shortestRttNs) estimate.shortestRttNs = sampleNs;
  if (!rttMeasured(estimate)) {
    estimate.smoothedRttNs = sampleNs;
    estimate.rttDeviationNs = Math.round(sampleNs / 2);
    return;
  }
  const errorNs = sampleNs - estimate.smoothedRttNs;
  // A sample far below the mean counts for an eighth of its deviation only, so that a sudden fast answer does not raise the RTO.
  const weight = errorNs < 0 && -errorNs > estimate.rttDeviationNs ? 1 / 32 : 1 / 4;
  estimate.rttDeviationNs += Math.round((Math.abs(errorNs) - estimate.rttDeviationNs) * weight);
  estimate.smoothedRttNs = Math.max(1, estimate.smoothedRttNs + Math.round(errorNs / 8));
}
