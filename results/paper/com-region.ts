import { assert } from '../../sim/assert.ts';
import { loadSweep } from '../../scenarios/sweep.ts';
import type { Cell } from '../data-table.ts';
import { projectFile } from '../project-file.ts';
import { sweepInMemory } from '../sweep-in-memory.ts';
import { planSweep } from '../sweep-plan.ts';
import type { SweepRows } from '../sweep-rows.ts';
import { markdownTable } from '../markdown-table.ts';

/** Of Chen et al., IC-BNMT 2009, abstract: the pause is longer by no more than this share. */
export const claimedGrowth = 0.15;

/** The pause of one scheme with so many entries. */
export interface PauseAt {
  readonly entries: number;
  readonly pauseMs: number;
}

/**
 * The largest number of entries with which a pause is at most 15 % longer than stock migration's: on the straight
 * lines between points in order of entries. Infinity where all points hold, -1 where not even the first does.
 */
export function largestContext(points: readonly PauseAt[], stockMs: number): number {
  const limitMs = stockMs * (1 + claimedGrowth);
  const beyond = points.findIndex(({ pauseMs }) => pauseMs > limitMs);
  if (beyond < 0) return Infinity;
  const before = points[beyond - 1];
  const after = points[beyond];
  if (before === undefined || after === undefined) return -1;
  const share = (limitMs - before.pauseMs) / (after.pauseMs - before.pauseMs);
  return Math.floor(before.entries + share * (after.entries - before.entries));
}

/**
 * The same from two pauses alone, without entries and with 10,000: pauses grow by a straight line, which is drawn on to a
 * million. 0 where the fixed cost of reading a table is too much already.
 */
export function extrapolatedContext(noneMs: number, tenThousandMs: number, stockMs: number): number {
  const slopeMs = (tenThousandMs - noneMs) / 10_000;
  const none = { entries: 0, pauseMs: noneMs };
  const million = { entries: 1e6, pauseMs: noneMs + slopeMs * 1e6 };
  return Math.max(0, largestContext([none, million], stockMs));
}

/** Runs scenarios/sweeps/com-worst-case.yaml, some hundred runs, and shows the region in which the claim holds. */
export async function comRegion(jobs: number): Promise<string> {
  const file = projectFile('scenarios/sweeps/com-worst-case.yaml');
  return regionTable(await sweepInMemory(planSweep(loadSweep(file)), jobs));
}

/** A row for each churn, pause of stock migration and speed of CPUs; a column for each reading of CoM. */
function regionTable(sweep: SweepRows): string {
  const at = (column: string): number => {
    const index = sweep.columns.indexOf(column);
    assert(index >= 0, 'the sweep has the column');
    return index;
  };
  const places = ['think', 'stock_pause_ms', 'cost_scale'].map(at);
  const groups = new Map<string, (readonly Cell[])[]>();
  for (const row of sweep.rows) {
    const key = places.map((place) => row[place]).join('\u0000');
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const pauses = (rows: readonly (readonly Cell[])[], scheme: string): PauseAt[] =>
    rows
      .filter((row) => row[at('scheme')] === scheme)
      .map((row) => ({ entries: Number(row[at('entries')]), pauseMs: Number(row[at('downtime_ms')]) }))
      .sort((a, b) => a.entries - b.entries);
  const lines = [...groups.values()].map((rows) => {
    const [think, pause, scale] = places.map((place) => String(rows[0]?.[place]));
    const stockMs = pauses(rows, 'stock-accept')[0]?.pauseMs ?? NaN;
    const largest = comNames.map((name) => shown(pauses(rows, name), stockMs));
    return [churns[think ?? ''] ?? String(think), String(pause), String(scale), ...largest];
  });
  return markdownTable(['new entries a second', 'stock pause in ms', '`cost_scale`', ...comNames], lines);
}

export const comNames = ['com-stop', 'com-early', 'com-rounds'] as const;

const churns: Readonly<Record<string, string>> = {
  'exponential(10 s)': '10',
  'exponential(1 s)': '100',
  'exponential(100 ms)': '1,000',
};

function shown(points: readonly PauseAt[], stockMs: number): string {
  const largest = largestContext(points, stockMs);
  if (largest < 0) return 'none';
  const last = points.at(-1)?.entries ?? 0;
  const rounded = largest === Infinity ? last : Number(largest.toPrecision(2));
  return `${largest === Infinity ? '> ' : ''}${rounded.toLocaleString('en-US')}`;
}
