import type { ProbeEnded } from '../../models/observations.ts';

/** How long a probed service was away, ns. Resolution: one period. */
export interface ProbeGap {
  /** The longest run of lost probes in a row, times the period. */
  readonly longestNs: number;
  /** All lost probes, times the period. */
  readonly lostNs: number;
}

/**
 * The gap that one probe workload saw: it sends a probe every period, and a probe without an answer by its
 * deadline is lost. Null when no probe ended. A probe whose deadline lies beyond the end of the run is not counted:
 * it might have been answered.
 */
export function probeGap(
  probes: readonly ProbeEnded[],
  probing: { readonly workload: string; readonly periodNs: number; readonly deadlineNs: number },
  endNs: number,
): ProbeGap | null {
  const own = probes
    .filter(({ workload }) => workload === probing.workload)
    .filter(({ answered, sentNs }) => answered || sentNs + probing.deadlineNs <= endNs)
    .sort((a, b) => a.index - b.index);
  if (own.length === 0) return null;
  let lost = 0;
  let run = 0;
  let longest = 0;
  for (const { answered } of own) {
    run = answered ? 0 : run + 1;
    longest = Math.max(longest, run);
    if (!answered) lost++;
  }
  return { longestNs: longest * probing.periodNs, lostNs: lost * probing.periodNs };
}
