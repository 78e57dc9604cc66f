import { quantile } from '../../statistics.ts';
import type { MovePair } from './end-to-end.ts';
import { flowNames, type FlowName } from './flow-table.ts';

/** One flow of one case, whose measured repeats agree on whether it lives. */
export interface FlowCell {
  readonly id: string;
  readonly scheme: string;
  readonly blackoutMs: number;
  readonly flow: FlowName;
  readonly alive: boolean;
  /** Of each repeat. */
  readonly simulated: readonly boolean[];
}

/** The cells of all completed runs. A flow on which the repeats of a case disagree is none. */
export function flowCells(pairs: readonly MovePair[]): FlowCell[] {
  const cases = new Map<string, MovePair[]>();
  for (const pair of pairs) {
    const { id } = pair.measured;
    cases.set(id, [...(cases.get(id) ?? []), pair]);
  }
  return [...cases.values()].flatMap((repeats) => flowNames.flatMap((flow) => cellOf(repeats, flow)));
}

function cellOf(repeats: readonly MovePair[], flow: FlowName): FlowCell[] {
  const measured: boolean[] = [];
  const simulated: boolean[] = [];
  const blackouts: number[] = [];
  for (const { measured: run, simulated: ours } of repeats) {
    const found = run.status === 'completed' ? run.flows.find((one) => one.flow === flow) : undefined;
    if (found === undefined || run.status !== 'completed') continue;
    measured.push(found.alive);
    simulated.push(ours.flows?.[flow].alive ?? false);
    blackouts.push(run.derived.blackout_ms);
  }
  const alive = measured[0];
  const first = repeats[0];
  if (alive === undefined || first === undefined || measured.some((lives) => lives !== alive)) return [];
  const { id, params } = first.measured;
  const blackoutMs = quantile(blackouts, 0.5) ?? 0;
  return [{ id, scheme: params.scheme.id, blackoutMs, flow, alive, simulated }];
}

/**
 * The share that a table would get right which looks each flow up at the other cases of its scheme, by their
 * majority; of the cells that have such others. Null when none has.
 */
export function lookUpElsewhere(cells: readonly FlowCell[]): number | null {
  let known = 0;
  let right = 0;
  for (const cell of cells) {
    const others = cells.filter(
      ({ id, scheme, flow }) => id !== cell.id && scheme === cell.scheme && flow === cell.flow,
    );
    if (others.length === 0) continue;
    known++;
    const living = others.filter(({ alive }) => alive).length;
    if (living * 2 >= others.length === cell.alive) right++;
  }
  return known === 0 ? null : right / known;
}
