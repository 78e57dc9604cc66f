import type { MoveTimeline } from '../move-timeline.ts';

/** Packets of one interval; times in ms since the panel's zero. */
export interface PacketBin {
  readonly startMs: number;
  readonly endMs: number;
  readonly legitimate: number;
  readonly attacks: number;
  readonly legitimateDropped: number;
  readonly attacksDropped: number;
  readonly lost: number;
}

export interface BinWindow {
  readonly fromMs: number;
  readonly toMs: number;
  /** A whole multiple of the interval of the run's series. */
  readonly binMs: number;
}

/** The intervals of a run's series joined to longer ones, those within the window; empty ones are left out. */
export function packetBins(
  series: MoveTimeline['series'],
  zeroMs: number,
  { fromMs, toMs, binMs }: BinWindow,
): PacketBin[] {
  const bins = new Map<number, PacketBin>();
  for (const row of series) {
    const startMs = Math.floor(row.startMs / binMs) * binMs;
    if (startMs - zeroMs < fromMs || startMs + binMs - zeroMs > toMs) continue;
    const bin = bins.get(startMs);
    bins.set(startMs, {
      startMs: startMs - zeroMs,
      endMs: startMs + binMs - zeroMs,
      legitimate: (bin?.legitimate ?? 0) + row.toVm - row.attacks,
      attacks: (bin?.attacks ?? 0) + row.attacks,
      legitimateDropped: (bin?.legitimateDropped ?? 0) + row.legitimateDropped,
      attacksDropped: (bin?.attacksDropped ?? 0) + row.attacksDropped,
      lost: (bin?.lost ?? 0) + row.lost,
    });
  }
  return [...bins.values()].sort((a, b) => a.startMs - b.startMs);
}

export function deliveredIn({ legitimate, attacks }: PacketBin): number {
  return legitimate + attacks;
}

export function droppedIn({ legitimateDropped, attacksDropped, lost }: PacketBin): number {
  return legitimateDropped + attacksDropped + lost;
}
