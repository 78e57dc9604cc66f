import type { Direction } from '../message-rows.ts';
import type { PairedRows } from '../run-rows.ts';

/**
 * The direction of the message that a connection still waits for when the run ends: that of the next message in
 * the paired run without migration, or, where that run goes no further, the opposite of the last delivered one.
 */
export function owedDirection(runs: PairedRows, flow: number): Direction {
  const delivered = runs.run.messages.ofFlowBothWays(flow);
  const next = runs.control.messages.ofFlowBothWays(flow)[delivered.length];
  if (next !== undefined) return next.to;
  return delivered.at(-1)?.to === 'vm' ? 'peer' : 'vm';
}
