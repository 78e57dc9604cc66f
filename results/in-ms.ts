import { ms } from '../sim/time.ts';

/** A time in ns as ms; null where there is none. */
export function inMs(timeNs: number | null): number | null {
  return timeNs === null ? null : timeNs / ms;
}
