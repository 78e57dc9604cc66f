import { lognormal } from '../../sim/distribution.ts';
import type { Stream } from '../../sim/random.ts';
import { s } from '../../sim/time.ts';

/** When in guest time a region is written: a factor on its nominal rate. */
export type RegionSchedule = Exclude<WriteSchedule, DrawnSchedule> | VaryingSchedule;

/** One whose factors are known. */
export type WriteSchedule =
  | { readonly kind: 'constant' }
  | BurstSchedule
  | DrawnSchedule
  /** Steps one after another; from the last on, again from the first, or the last factor for good. */
  | {
      readonly kind: 'phases';
      readonly steps: readonly { readonly durationNs: number; readonly factor: number }[];
      readonly repeats: boolean;
    };

/** Writing for `onNs`, then silent for `offNs`; guest time 0 lies `phaseNs` into that period. */
export interface BurstSchedule {
  readonly kind: 'bursts';
  readonly onNs: number;
  readonly offNs: number;
  readonly phaseNs: number;
}

/**
 * A load that is never quite the same: its factor is drawn anew for each interval, lognormal with a mean of 1 and this
 * relative deviation, independently of the interval before.
 */
export interface VaryingSchedule {
  readonly kind: 'varying';
  readonly intervalNs: number;
  readonly deviation: number;
}

/** A varying schedule as it was drawn: writing at the nominal rate, in ns, up to the end of each interval; then again. */
export interface DrawnSchedule {
  readonly kind: 'drawn';
  readonly intervalNs: number;
  readonly writingNs: Float64Array;
}

/** So many intervals are drawn; after them the first ones come again. */
const intervalsDrawn = 4096;

/** The schedule with its factors, drawn as the numbers `from` of the stream; without a stream the mean, a factor of 1. */
export function drawSchedule(schedule: RegionSchedule, chance: Stream | null, from: number): WriteSchedule {
  if (schedule.kind !== 'varying') return schedule;
  if (chance === null) return { kind: 'constant' };
  const { intervalNs, deviation } = schedule;
  const variance = Math.log1p(deviation ** 2);
  const writingNs = new Float64Array(intervalsDrawn);
  let sum = 0;
  for (let i = 0; i < intervalsDrawn; i++) {
    sum += intervalNs * lognormal(chance.uniform2(from, i), -variance / 2, Math.sqrt(variance));
    writingNs[i] = sum;
  }
  return { kind: 'drawn', intervalNs, writingNs };
}

/** How many seconds of writing at the nominal rate guest time 0 to `guestNs` holds. */
export function writingSeconds(schedule: WriteSchedule, guestNs: number): number {
  switch (schedule.kind) {
    case 'constant':
      return guestNs / s;
    case 'bursts':
      return (burstNs(schedule, schedule.phaseNs + guestNs) - burstNs(schedule, schedule.phaseNs)) / s;
    case 'drawn':
      return drawnNs(schedule, guestNs) / s;
    case 'phases':
      return phasesNs(schedule.steps, schedule.repeats, guestNs) / s;
  }
}

function burstNs({ onNs, offNs }: BurstSchedule, ns: number): number {
  const periodNs = onNs + offNs;
  const periods = Math.floor(ns / periodNs);
  return periods * onNs + Math.min(onNs, ns - periods * periodNs);
}

function drawnNs({ intervalNs, writingNs }: DrawnSchedule, ns: number): number {
  const count = Math.floor(ns / intervalNs);
  const until = (intervals: number): number =>
    Math.floor(intervals / intervalsDrawn) * writingNs[intervalsDrawn - 1]! +
    (intervals % intervalsDrawn === 0 ? 0 : writingNs[(intervals % intervalsDrawn) - 1]!);
  const before = until(count);
  return before + ((until(count + 1) - before) * (ns - count * intervalNs)) / intervalNs;
}

type Steps = Extract<WriteSchedule, { kind: 'phases' }>['steps'];

function phasesNs(steps: Steps, repeats: boolean, guestNs: number): number {
  const periodNs = steps.reduce((sum, step) => sum + step.durationNs, 0);
  const perPeriod = steps.reduce((sum, step) => sum + step.durationNs * step.factor, 0);
  const periods = repeats ? Math.floor(guestNs / periodNs) : 0;
  let restNs = guestNs - periods * periodNs;
  let writing = periods * perPeriod;
  for (const { durationNs, factor } of steps) {
    const partNs = Math.min(restNs, durationNs);
    writing += partNs * factor;
    restNs -= partNs;
  }
  return writing + restNs * (steps.at(-1)?.factor ?? 0);
}
