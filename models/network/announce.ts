import type { Simulation } from '../../sim/simulation.ts';
import { ms } from '../../sim/time.ts';

/** A series of announcements: the first at once, then with a delay that grows by a step up to a limit. */
export interface AnnounceSeries {
  readonly initialNs: number;
  readonly stepNs: number;
  readonly delayMaxNs: number;
  readonly rounds: number;
}

/** QEMU's defaults: announce-initial 50 ms, -step 100 ms, -max 550 ms, -rounds 5 (QEMU 9.0, migration/options.c). */
export const qemuAnnounce: AnnounceSeries = {
  initialNs: 50 * ms,
  stepNs: 100 * ms,
  delayMaxNs: 550 * ms,
  rounds: 5,
};

/**
 * When each announcement of a series leaves, in ns after the resume.
 * Source: QEMU 9.0, net/announce.c, qemu_announce_timer_step: after the k-th frame wait
 * min(initial + k × step, max), k from 0.
 */
export function announceOffsetsNs(series: AnnounceSeries): number[] {
  const offsets: number[] = [];
  let atNs = 0;
  for (let round = 0; round < series.rounds; round++) {
    offsets.push(atNs);
    atNs += Math.min(series.initialNs + round * series.stepNs, series.delayMaxNs);
  }
  return offsets;
}

/** Calls `send` at each offset from now. */
export function announce(simulation: Simulation, offsetsNs: readonly number[], send: () => void): void {
  for (const offsetNs of offsetsNs) simulation.schedule(offsetNs, send, undefined);
}
