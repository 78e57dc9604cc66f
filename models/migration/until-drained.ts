import type { Process } from '../../sim/process.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { s } from '../../sim/time.ts';
import type { DrainAppliance } from '../compute/drain-appliance.ts';
import type { Subject } from '../security/security-engine.ts';

/** Looks every second whether the appliance still knows a connection; ends when it knows none. */
export function* untilDrained(appliance: DrainAppliance, vm: Subject, simulation: Simulation): Process {
  do yield 1 * s;
  while (!appliance.isDrained(vm, simulation.nowNs));
}
