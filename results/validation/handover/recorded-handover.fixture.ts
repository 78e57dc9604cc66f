import { assert } from '../../../sim/assert.ts';
import type { HandoverFlow, HandoverRun } from './handover-file.ts';
import { simulateHandover, type HandoverOutcome } from './handover-run.ts';
import { readHandovers, type ReadRun } from './read-handover.ts';

/** What is changed of a recorded run. */
export interface HandoverVariant {
  readonly params: Readonly<Record<string, unknown>>;
  readonly blackoutMs: number;
  /** State of the ends at the cut, by flow; the middle of its period for all others. */
  readonly cuts: Readonly<Record<string, NonNullable<HandoverFlow['cut']>>>;
  /** Whether the attack probes are sent. */
  readonly attacked: boolean;
}

/** One handover of the flows of a recording, under another scheme or cut: what a finding is shown by. */
export function varyHandover(data: unknown, variant: HandoverVariant): HandoverOutcome {
  const { meta, runs } = readHandovers(data);
  const [pattern] = runs;
  assert(pattern !== undefined, 'a recording has a run to start from');
  const run: HandoverRun = {
    ...pattern.run,
    params: variant.params,
    blackout_ms: variant.blackoutMs,
    actual_blackout_ms: variant.blackoutMs,
    flows: pattern.run.flows.map((flow) => ({ ...flow, cut: variant.cuts[flow.flow] ?? null })),
  };
  const read = readHandovers({ meta, runs: [run] });
  const [varied] = read.runs;
  assert(varied !== undefined, 'a variant is a run that can be read');
  const order = variant.attacked ? read.meta.probe_order : [];
  return simulateHandover(varied satisfies ReadRun, { ...read.meta, probe_order: order }, 1);
}
