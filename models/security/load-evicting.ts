import type { ConnectionSnapshot } from './connection-snapshot.ts';
import type { LoadMode } from './security-engine.ts';
import { LoadError, type TrackedEntries } from './tracked-entries.ts';

/**
 * Loads entries into a table that may be full: for each that finds no room, one of those that were there before
 * gives way, the one that would expire first. One answer for each entry, see {@link LoadError}.
 */
export function loadEvicting(
  table: TrackedEntries,
  entries: readonly ConnectionSnapshot[],
  mode: LoadMode,
  nowNs: number,
): number[] {
  const answers = table.load(entries, mode, nowNs);
  const missing = answers.filter((answer) => answer === LoadError.noMemory).length;
  if (missing === 0) return answers;
  const loaded = new Set(entries.map((entry) => entry.identity));
  const victims = table
    .changedSince(-1, { kind: 'all' }, nowNs)
    .filter((entry) => !loaded.has(entry.identity))
    .sort((a, b) => a.ticksLeft - b.ticksLeft)
    .slice(0, missing);
  for (const victim of victims) table.deleteEntry(victim, nowNs);
  const untried = (answer: number): boolean =>
    answer === LoadError.noMemory || answer === LoadError.cancelled;
  const again = table.load(
    entries.filter((_, index) => untried(answers[index]!)),
    mode,
    nowNs,
  );
  let next = 0;
  return answers.map((answer) => (untried(answer) ? again[next++]! : answer));
}
