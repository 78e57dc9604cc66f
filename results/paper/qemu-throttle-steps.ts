import { Simulation } from '../../sim/simulation.ts';
import { seconds } from '../../sim/time.ts';
import { GuestClock } from '../../models/compute/guest-clock.ts';
import { cpuBound } from '../../models/compute/memory-access.ts';
import { QemuThrottle } from '../../models/migration/memory/qemu-throttle.ts';
import type { Claim } from './claim.ts';
import { claim, exact } from './claim.ts';

/** P30: a guest that dirties more than half of what is sent is throttled one step more every second period. */
export function throttleClaims(): Claim[] {
  const simulation = new Simulation({
    scenario: 'auto-converge',
    seed: 1,
    repetition: 1,
    replayCommand: 'nseh paper P30',
  });
  const plan = {
    kind: 'auto-converge',
    triggerShare: 0.5,
    initial: 0.2,
    increment: 0.1,
    maximum: 0.99,
  } as const;
  const throttle = new QemuThrottle(plan, simulation, {
    clock: new GuestClock(simulation),
    pacing: cpuBound,
  });
  const steps: number[] = [];
  for (let period = 1; period <= 20; period++) {
    simulation.run(seconds(1.001 * period));
    throttle.read(20_000, period * 100e6);
    if (period % 2 === 0) steps.push(throttle.percent);
  }
  return [
    claim({
      id: 'P30',
      what: 'throttle in % after each second period of more than a second',
      source: 'QEMU, migration/ram.c and options.c (defaults)',
      kind: 'bound',
      calibrated_on: 'nothing',
      free_parameters: 0,
      published: [20, 30, 40, 50, 60, 70, 80, 90, 99, 99],
      simulated: steps,
      band: exact,
    }),
  ];
}
