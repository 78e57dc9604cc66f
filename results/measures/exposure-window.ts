import type { ExposureChanged } from '../../models/observations.ts';

/**
 * Exposure window E_k in ns, by probe kind k: how long a probe of that kind would have reached a VM and would not
 * at the reference, summed over VMs. Evaluated at every change of state, so exact, and independent of how many
 * attacks a workload sends. A window that is still open at the end of the run counts until then. Kinds that
 * were never exposed but were evaluated have 0; a kind that was never evaluated is absent.
 */
export function exposureWindowsNs(changes: readonly ExposureChanged[], endNs: number): Map<string, number> {
  const openSince = new Map<string, { readonly kind: string; readonly startNs: number }>();
  const windows = new Map<string, number>();
  const close = (key: string, timeNs: number): void => {
    const open = openSince.get(key);
    if (open === undefined) return;
    windows.set(open.kind, (windows.get(open.kind) ?? 0) + (timeNs - open.startNs));
    openSince.delete(key);
  };
  for (const { vm, kind, exposed, timeNs } of changes) {
    const key = `${vm}\u0000${kind}`;
    if (!windows.has(kind)) windows.set(kind, 0);
    if (!exposed) close(key, timeNs);
    else if (!openSince.has(key)) openSince.set(key, { kind, startNs: timeNs });
  }
  for (const key of [...openSince.keys()]) close(key, endNs);
  return windows;
}
