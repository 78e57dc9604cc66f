/**
 * Smoothed round-trip time and its variation as Linux keeps them (net/ipv4/tcp_input.c, tcp_rtt_estimator),
 * in ns. Below `rtoMinNs` the variation counts as `rtoMinNs`, so that RTO = SRTT + max(4 RTTVAR, 200 ms).
 */
export class RttEstimator {
  smoothedNs = 0;
  private deviationNs = 0;
  private readonly rtoMinNs: number;
  private readonly rtoInitialNs: number;

  constructor(rtoMinNs: number, rtoInitialNs: number) {
    this.rtoMinNs = rtoMinNs;
    this.rtoInitialNs = rtoInitialNs;
  }

  get measured(): boolean {
    return this.smoothedNs > 0;
  }

  /** The timeout without back-off. */
  get rtoNs(): number {
    return this.measured
      ? this.smoothedNs + Math.max(this.rtoMinNs, 4 * this.deviationNs)
      : this.rtoInitialNs;
  }

  sample(rttNs: number): void {
    const sampleNs = Math.max(1, rttNs);
    if (!this.measured) {
      this.smoothedNs = sampleNs;
      this.deviationNs = Math.round(sampleNs / 2);
      return;
    }
    const errorNs = sampleNs - this.smoothedNs;
    this.deviationNs += Math.round((Math.abs(errorNs) - this.deviationNs) / 4);
    this.smoothedNs = Math.max(1, this.smoothedNs + Math.round(errorNs / 8));
  }
}
