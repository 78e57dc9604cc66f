/**
 * How long after `nowNs` a kernel timer set for `delayNs` expires, when time is kept in ticks. Linux rounds a
 * timeout up to whole ticks and then up to the granularity of its level of the timer wheel: 1 tick below 64
 * ticks, 8 below 512, 64 below 4,096 and so on; so timers are late and never early.
 * Source: Linux 6.18, kernel/time/timer.c, calc_index and calc_wheel_index. A `tickNs` of 0 keeps time exactly.
 */
export function timerDelayNs(nowNs: number, delayNs: number, tickNs: number): number {
  if (tickNs === 0) return delayNs;
  const tick = Math.floor(nowNs / tickNs);
  const ticks = Math.max(1, Math.ceil(delayNs / tickNs));
  // Half a tick more and less: a product of integers is a small integer to V8 until, two seconds into a run, it no longer
  // fits, and all that has set a timer would be compiled anew.
  const halfNs = tickNs / 2;
  // Most timers are on the first level.
  if (ticks < 63) return (tick + ticks + 1.5) * tickNs - halfNs - nowNs;
  let granularity = 8;
  while (ticks >= 63 * granularity && granularity < coarsestTicks) granularity *= 8;
  const expires = Math.floor((tick + ticks + granularity) / granularity) * granularity;
  return (expires + 0.5) * tickNs - halfNs - nowNs;
}

/** Granularity of the ninth level, the last of a wheel at 250 ticks a second. */
const coarsestTicks = 8 ** 8;
