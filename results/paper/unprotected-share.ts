import type { RunRows } from '../run-rows.ts';

/**
 * Share of the payload that was carried by connections before a replica had heard of them: from the opening to
 * the end of the first transfer that began later. A message counts evenly over the time it took. 0 to 1; exact.
 */
export function unprotectedShare(rows: RunRows): number {
  const transfers = rows.contextTasks
    .filter(({ moment }) => moment === 'continuously')
    .sort((a, b) => a.startNs - b.startNs);
  const stopNs = transfers.at(-1)?.startNs ?? 0;
  let all = 0;
  let unprotected = 0;
  for (const { flow, timeNs: openedNs } of rows.connectionsOpened) {
    const first = transfers.find(({ startNs }) => startNs >= openedNs);
    // Before replication began, and after it ended, there is nothing to be late for.
    if (first === undefined || openedNs < (transfers[0]?.startNs ?? 0)) continue;
    for (const { bytes, offeredNs, timeNs } of rows.messages.ofFlowBothWays(flow)) {
      if (timeNs > stopNs) continue;
      const late = Math.min(Math.max(first.endNs - offeredNs, 0), timeNs - offeredNs);
      all += bytes;
      unprotected += timeNs === offeredNs ? 0 : (bytes * late) / (timeNs - offeredNs);
    }
  }
  return unprotected / all;
}
