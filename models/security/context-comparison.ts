import { s } from '../../sim/time.ts';
import type { ConnectionSnapshot } from './connection-snapshot.ts';
import { Protocol } from '../network/packet.ts';
import { Status, TcpTrackFlag } from './entry-layout.ts';
import { SnapshotIndex } from './snapshot-index.ts';

/** How many entries of a VM came through a move, and how. */
export interface ContextDifference {
  readonly missing: number;
  /** There, but with less than it had: windows, window scale or strictness are gone. */
  readonly downgraded: number;
  /** There, but with fields of another time, or a lifetime more than a second off. */
  readonly stale: number;
  /** At the destination, and no longer at the source when it froze. */
  readonly resurrected: number;
}

/**
 * Compares the unexpired entries at the freeze with those at the resume. An entry counts once: missing before
 * downgraded before stale.
 */
export function compareContext(
  frozen: readonly ConnectionSnapshot[],
  resumed: readonly ConnectionSnapshot[],
  elapsedNs: number,
): ContextDifference {
  const found = new SnapshotIndex(resumed);
  let missing = 0;
  let downgraded = 0;
  let stale = 0;
  for (const entry of frozen) {
    const copy = found.take(entry);
    if (entry.timeoutNs <= elapsedNs) continue;
    if (copy === null) missing += 1;
    else if (isDowngraded(entry, copy)) downgraded += 1;
    else if (isStale(entry, copy, elapsedNs)) stale += 1;
  }
  return { missing, downgraded, stale, resurrected: found.size };
}

function isDowngraded(entry: ConnectionSnapshot, copy: ConnectionSnapshot): boolean {
  if (entry.extension.helper !== copy.extension.helper) return true;
  if ((entry.extension.master === null) !== (copy.extension.master === null)) return true;
  if (entry.protocol !== Protocol.tcp) return false;
  for (const direction of [0, 1] as const) {
    const liberal = (snapshot: ConnectionSnapshot): number =>
      snapshot.tcpFlags(direction) & TcpTrackFlag.beLiberal;
    if (liberal(entry) === 0 && liberal(copy) !== 0) return true;
    if (entry.windowScale(direction) !== copy.windowScale(direction)) return true;
    if (knowsWindow(entry, direction) && !knowsWindow(copy, direction)) return true;
  }
  return false;
}

function knowsWindow(entry: ConnectionSnapshot, direction: 0 | 1): boolean {
  return entry.tcpWindow(direction)[1] !== 0;
}

function isStale(entry: ConnectionSnapshot, copy: ConnectionSnapshot, elapsedNs: number): boolean {
  const lifetimeOffNs = Math.abs(entry.timeoutNs - elapsedNs - copy.timeoutNs);
  if (lifetimeOffNs > 1 * s) return true;
  const bits = Status.assured | Status.seenReply;
  if ((entry.status & bits) !== (copy.status & bits) || entry.mark !== copy.mark) return true;
  if (entry.protocol !== Protocol.tcp) return false;
  if (entry.tcpState !== copy.tcpState) return true;
  return ([0, 1] as const).some((direction) => {
    const before = entry.tcpWindow(direction);
    return copy.tcpWindow(direction).some((value, index) => value !== before[index]);
  });
}
