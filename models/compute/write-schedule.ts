import { s } from '../../sim/time.ts';

/** When in guest time a region is written: a factor on its nominal rate. */
export type WriteSchedule =
  | { readonly kind: 'constant' }
  | BurstSchedule
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

/** How many seconds of writing at the nominal rate guest time 0 to `guestNs` holds. */
export function writingSeconds(schedule: WriteSchedule, guestNs: number): number {
  switch (schedule.kind) {
    case 'constant':
      return guestNs / s;
    case 'bursts':
      return (burstNs(schedule, schedule.phaseNs + guestNs) - burstNs(schedule, schedule.phaseNs)) / s;
    case 'phases':
      return phasesNs(schedule.steps, schedule.repeats, guestNs) / s;
  }
}

function burstNs({ onNs, offNs }: BurstSchedule, ns: number): number {
  const periodNs = onNs + offNs;
  const periods = Math.floor(ns / periodNs);
  return periods * onNs + Math.min(onNs, ns - periods * periodNs);
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
