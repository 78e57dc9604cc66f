/** When the one of this index begins of `count` that begin evenly spread over [startNs, startNs + rampNs]. */
export function beginningNs(startNs: number, rampNs: number, index: number, count: number): number {
  const shareOfRamp = count === 1 ? 0 : index / (count - 1);
  return startNs + Math.round(rampNs * shareOfRamp);
}
