import type { ExposureChanged } from '../../models/observations.ts';

/** A time in which a probe of a kind would have reached a VM and would not at the reference, simulated ns. */
export interface ExposureWindow {
  readonly vm: string;
  readonly kind: string;
  readonly startNs: number;
  readonly endNs: number;
}

/** The windows of a run, as they close; one that is still open at the end of the run is closed then. */
export function exposureWindows(changes: readonly ExposureChanged[], endNs: number): ExposureWindow[] {
  const open = new Map<string, Omit<ExposureWindow, 'endNs'>>();
  const windows: ExposureWindow[] = [];
  for (const { vm, kind, exposed, timeNs } of changes) {
    const key = `${vm}\n${kind}`;
    const window = open.get(key);
    if (exposed && window === undefined) open.set(key, { vm, kind, startNs: timeNs });
    if (exposed || window === undefined) continue;
    windows.push({ ...window, endNs: timeNs });
    open.delete(key);
  }
  for (const window of open.values()) windows.push({ ...window, endNs });
  return windows;
}

/**
 * Exposure window E_k in ns, by probe kind k: how long a probe of that kind would have reached a VM and would not
 * at the reference, summed over VMs. Evaluated at every change of state, so exact, and independent of how many
 * attacks a workload sends. A window that is still open at the end of the run counts until then. Kinds that
 * were never exposed but were evaluated have 0; a kind that was never evaluated is absent.
 */
export function exposureWindowsNs(changes: readonly ExposureChanged[], endNs: number): Map<string, number> {
  const sums = new Map(changes.map(({ kind }) => [kind, 0]));
  for (const window of exposureWindows(changes, endNs))
    sums.set(window.kind, (sums.get(window.kind) ?? 0) + (window.endNs - window.startNs));
  return sums;
}
