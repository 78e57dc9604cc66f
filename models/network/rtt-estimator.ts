/**
 * Smoothed round-trip time and its variation as Linux keeps them (net/ipv4/tcp_input.c, tcp_rtt_estimator),
 * in ns. The variation counts as at least `rtoMinNs`, so that RTO = SRTT + max(4 RTTVAR, 200 ms).
 */
export class RttEstimator {
  smoothedNs = 0;
  deviationNs = 0;
  /** The shortest sample, 0 before the first. */
  private shortestNs = 0;

  /** The shortest round trip, Infinity before one is measured. */
  get minNs(): number {
    return this.shortestNs === 0 ? Infinity : this.shortestNs;
  }

  get measured(): boolean {
    return this.smoothedNs > 0;
  }

  /** The timeout without back-off. */
  rtoNs(rtoMinNs: number, rtoInitialNs: number): number {
    return this.measured ? this.smoothedNs + Math.max(rtoMinNs, 4 * this.deviationNs) : rtoInitialNs;
  }

  /** What an idle end keeps. */
  restore(smoothedNs: number, deviationNs: number, minNs: number): void {
    this.smoothedNs = smoothedNs;
    this.deviationNs = deviationNs;
    this.shortestNs = minNs === Infinity ? 0 : minNs;
  }

  sample(rttNs: number): void {
    const sampleNs = Math.max(1, rttNs);
    if (this.shortestNs === 0 || sampleNs < this.shortestNs) this.shortestNs = sampleNs;
    if (!this.measured) {
      this.smoothedNs = sampleNs;
      this.deviationNs = Math.round(sampleNs / 2);
      return;
    }
    const errorNs = sampleNs - this.smoothedNs;
    // A sample far below the mean counts for an eighth of its deviation only, so that a sudden fast answer does not raise the RTO.
    const weight = errorNs < 0 && -errorNs > this.deviationNs ? 1 / 32 : 1 / 4;
    this.deviationNs += Math.round((Math.abs(errorNs) - this.deviationNs) * weight);
    this.smoothedNs = Math.max(1, this.smoothedNs + Math.round(errorNs / 8));
  }
}
