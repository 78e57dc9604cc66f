import type { Process } from '../../../sim/process.ts';

/** A thread that has a CPU for itself. */
export function* wholeCpu(cpuNs: number): Process {
  yield cpuNs;
}
