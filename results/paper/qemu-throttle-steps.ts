import type { Claim } from './claim.ts';
import { claim, exact } from './claim.ts';
import { runPaper } from './run-paper.ts';

/** P30: a guest that dirties more than half of what is sent is throttled one step more every second period. */
export function throttleClaims(): Claim[] {
  const { throttle } = runPaper('qemu-auto-converge', 0)('guest');
  return [
    claim({
      id: 'P30',
      what: 'steps of the throttle in %',
      source: 'QEMU, migration/ram.c and options.c (defaults)',
      file: 'qemu-auto-converge.yaml',
      kind: 'bound',
      calibrated_on: 'nothing',
      free_parameters: 0,
      published: [20, 30, 40, 50, 60, 70, 80, 90, 99],
      simulated: throttle,
      band: exact,
    }),
  ];
}
