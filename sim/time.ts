import { assert } from './assert.ts';

/** Nanoseconds in one unit. Simulated time is an integer number of nanoseconds, exact up to 2^53 (104 days). */
export const ns = 1;
export const us = 1_000;
export const ms = 1_000_000;
export const s = 1_000_000_000;

/** Microseconds as nanoseconds, to the nearest one. */
export function microseconds(count: number): number {
  return Math.round(count * us);
}

/** Milliseconds as nanoseconds, to the nearest one. */
export function milliseconds(count: number): number {
  return Math.round(count * ms);
}

/** Seconds as nanoseconds, to the nearest one. */
export function seconds(count: number): number {
  return Math.round(count * s);
}

/**
 * Nanoseconds that `bytes` occupy a line of `rateBps` bits per second, rounded up: a transfer never ends
 * before its last bit. Zero for an infinite rate.
 */
export function transferNs(bytes: number, rateBps: number): number {
  assert(bytes >= 0, 'a transfer has a size');
  assert(rateBps > 0, 'a transfer has a rate');
  return Math.ceil((bytes * 8 * s) / rateBps);
}
