import { s } from '../../sim/time.ts';
import type { ConnectionSnapshot } from './connection-snapshot.ts';
import { isConnection, type ContextItem } from './context-item.ts';
import { Protocol } from '../network/packet.ts';
import { Status, TcpTrackFlag } from './entry-layout.ts';
import { SnapshotIndex } from './snapshot-index.ts';

/** Which items of a VM came through a move otherwise than they were. */
export interface ContextDifference {
  readonly missing: readonly ContextItem[];
  /** There, but with less than it had: windows, window scale or strictness are gone. */
  readonly downgraded: readonly ContextItem[];
  /** There, but with fields of another time, or a lifetime more than a second off. */
  readonly stale: readonly ContextItem[];
  /** At the destination, and no longer at the source when it froze. */
  readonly resurrected: readonly ContextItem[];
}

/**
 * Compares the unexpired items at the freeze with those at the resume. An item counts once: missing before
 * downgraded before stale.
 */
export function compareContext(
  frozen: readonly ContextItem[],
  resumed: readonly ContextItem[],
  elapsedNs: number,
): ContextDifference {
  const found = new ItemIndex(resumed);
  const difference = { missing: [], downgraded: [], stale: [] } as Record<ItemLoss, ContextItem[]>;
  for (const item of frozen) {
    const copy = found.take(item);
    if (item.timeoutNs <= elapsedNs) continue;
    const loss = copy === null ? 'missing' : lossOf(item, copy, elapsedNs);
    if (loss !== null) difference[loss].push(item);
  }
  return { resurrected: found.rest, ...difference };
}

/** Items by their names: entries by words, those of other engines by text. */
class ItemIndex {
  private readonly entries: SnapshotIndex;
  private readonly others: Map<string, ContextItem>;

  constructor(items: readonly ContextItem[]) {
    this.entries = new SnapshotIndex(items.filter(isConnection));
    this.others = new Map(items.filter((item) => !isConnection(item)).map((item) => [item.identity, item]));
  }

  /** Takes the item of the same name out; null when there is none. */
  take(item: ContextItem): ContextItem | null {
    if (isConnection(item)) return this.entries.take(item);
    const found = this.others.get(item.identity) ?? null;
    this.others.delete(item.identity);
    return found;
  }

  /** Those that were not taken. */
  get rest(): ContextItem[] {
    return [...this.entries.rest, ...this.others.values()];
  }
}

const directions = [0, 1] as const;

type ItemLoss = 'missing' | 'downgraded' | 'stale';

function lossOf(item: ContextItem, copy: ContextItem, elapsedNs: number): ItemLoss | null {
  // Engines of different kinds never share a name; a copy of another kind is none.
  if (isConnection(item)) {
    if (!isConnection(copy)) return 'missing';
    if (isDowngraded(item, copy)) return 'downgraded';
    return isStale(item, copy, elapsedNs) ? 'stale' : null;
  }
  if (isConnection(copy)) return 'missing';
  if (copy.grade < item.grade) return 'downgraded';
  const differs = Object.entries(item.fields).some(([name, value]) => copy.fields[name] !== value);
  return differs || isLifetimeOff(item, copy, elapsedNs) ? 'stale' : null;
}

function isDowngraded(entry: ConnectionSnapshot, copy: ConnectionSnapshot): boolean {
  if (entry.extension.helper !== copy.extension.helper) return true;
  if ((entry.extension.master === null) !== (copy.extension.master === null)) return true;
  if (entry.protocol !== Protocol.tcp) return false;
  for (const direction of directions) {
    if (!isLiberal(entry, direction) && isLiberal(copy, direction)) return true;
    if (entry.windowScale(direction) !== copy.windowScale(direction)) return true;
    if (entry.knowsWindow(direction) && !copy.knowsWindow(direction)) return true;
  }
  return false;
}

function isLiberal(entry: ConnectionSnapshot, direction: 0 | 1): boolean {
  return (entry.tcpFlags(direction) & TcpTrackFlag.beLiberal) !== 0;
}

function isStale(entry: ConnectionSnapshot, copy: ConnectionSnapshot, elapsedNs: number): boolean {
  if (isLifetimeOff(entry, copy, elapsedNs)) return true;
  const bits = Status.assured | Status.seenReply;
  if ((entry.status & bits) !== (copy.status & bits) || entry.mark !== copy.mark) return true;
  if (entry.protocol !== Protocol.tcp) return false;
  if (entry.tcpState !== copy.tcpState) return true;
  return !entry.sameWindow(copy, 0) || !entry.sameWindow(copy, 1);
}

/** By more than a second; what never ends is never off. */
function isLifetimeOff(item: ContextItem, copy: ContextItem, elapsedNs: number): boolean {
  return Math.abs(item.timeoutNs - elapsedNs - copy.timeoutNs) > 1 * s;
}
