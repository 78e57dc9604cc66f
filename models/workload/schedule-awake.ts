import type { Simulation } from '../../sim/simulation.ts';
import type { TimerClock } from '../network/timer-clock.ts';

/**
 * Calls at a time of the world, the same under every scheme; what falls into a time at which the machine of this clock
 * stands still happens when it goes on.
 */
export function scheduleAwake<T>(
  simulation: Simulation,
  clock: TimerClock,
  atNs: number,
  handler: (argument: T) => void,
  argument: T,
): void {
  simulation.scheduleAt(atNs, () => callAwake(simulation, clock, handler, argument), undefined);
}

/** The same for now: at once on a machine that never stands still. */
export function callAwake<T>(
  simulation: Simulation,
  clock: TimerClock,
  handler: (argument: T) => void,
  argument: T,
): void {
  const world: TimerClock = simulation;
  if (clock === world) handler(argument);
  else clock.schedule(0, handler, argument);
}
