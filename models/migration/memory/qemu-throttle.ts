import { assert } from '../../../sim/assert.ts';
import { ms } from '../../../sim/time.ts';
import type { Simulation } from '../../../sim/simulation.ts';
import type { GuestClock } from '../../compute/guest-clock.ts';
import type { Pacing } from '../../compute/memory-access.ts';
import { pageBytes } from '../../compute/memory-access.ts';
import type { ThrottlePlan } from './memory-plan.ts';

/** The log is judged at the first reading more than this after the last judgement. */
const periodNs = 1000 * ms;
/** `dirty-limit` lets a guest be that is no further from its limit (DIRTYLIMIT_TOLERANCE_RANGE, softmmu/dirtylimit.c). */
const toleranceBytesPerS = 25 * 2 ** 20;
/** A throttled vCPU runs this long between two sleeps (CPU_THROTTLE_TIMESLICE_NS). */
const sliceNs = 10 * ms;

/**
 * Slows a guest that dirties memory too fast (`migration_trigger_throttle`, migration/ram.c, and
 * softmmu/cpu-throttle.c, 7.2). At each judgement, dirtied bytes above a share of the bytes sent count as a hit,
 * and each second hit raises the throttle: 20, 30, ... 90, 99 % by default.
 *
 * `dirty-limit` (softmmu/dirtylimit.c: a limit for each vCPU, compared once a second, 25 MB/s of tolerance, sleeps of up
 * to 99 %) is simpler here: its own controller counts a dirty ring every second and nears the limit in steps, this one
 * meets it in one step, at the readings of the log that auto-converge is judged at. A guest is held as one vCPU.
 */
export class QemuThrottle {
  /** Percentages in the order in which they were set. */
  readonly steps: { readonly atNs: number; readonly percent: number }[] = [];
  private readonly plan: ThrottlePlan;
  private readonly simulation: Simulation;
  private readonly clock: GuestClock;
  private readonly pacing: Pacing;
  private readonly throttled: (percent: number) => void;
  private judgedNs = 0;
  private judgedBytes = 0;
  private dirtiedPages = 0;
  private hits = 0;
  private speed = 1;

  constructor(
    plan: ThrottlePlan,
    simulation: Simulation,
    guest: { clock: GuestClock; pacing: Pacing; throttled: (percent: number) => void },
  ) {
    this.plan = plan;
    this.simulation = simulation;
    this.clock = guest.clock;
    this.pacing = guest.pacing;
    this.throttled = guest.throttled;
  }

  /** The migration starts: the first period counts from here. */
  begin(): void {
    this.judgedNs = this.simulation.nowNs;
  }

  get percent(): number {
    return this.steps.at(-1)?.percent ?? 0;
  }

  /** How long a reading of the log must wait for a vCPU that may be asleep: it answers when it wakes up. */
  get answerNs(): number {
    const step = this.steps.at(-1);
    if (step === undefined) return 0;
    const sleepNs = sleepingNs(step.percent);
    const phaseNs = (this.simulation.nowNs - step.atNs) % (sleepNs + sliceNs);
    return Math.max(0, sleepNs - phaseNs);
  }

  /** The vCPU's last instruction lies this far back. */
  get asleepNs(): number {
    return this.percent === 0 ? 0 : Math.max(0, sleepingNs(this.percent) - this.answerNs);
  }

  /** Tells what a reading of the log found, and judges the guest when the period is over. */
  read(newlyDirtyPages: number, sentBytes: number): void {
    this.dirtiedPages += newlyDirtyPages;
    const elapsedNs = this.simulation.nowNs - this.judgedNs;
    if (elapsedNs <= periodNs) return;
    this.judge(this.dirtiedPages * pageBytes, sentBytes - this.judgedBytes, elapsedNs);
    this.judgedNs = this.simulation.nowNs;
    this.judgedBytes = sentBytes;
    this.dirtiedPages = 0;
  }

  /** Lets the guest run at full speed again. */
  release(): void {
    this.clock.setRate(1, 'throttle');
  }

  private judge(dirtiedBytes: number, sentBytes: number, elapsedNs: number): void {
    const { plan } = this;
    if (plan.kind === 'auto-converge') {
      if (dirtiedBytes > sentBytes * plan.triggerShare && ++this.hits >= 2) {
        this.hits = 0;
        const next = this.percent === 0 ? plan.initial * 100 : this.percent + plan.increment * 100;
        this.set(Math.round(Math.min(next, plan.maximum * 100)));
      }
    } else if (plan.kind === 'dirty-limit') {
      const dirtiedPerS = (dirtiedBytes * 1000 * ms) / elapsedNs;
      if (dirtiedPerS > 0 && Math.abs(dirtiedPerS - plan.bytesPerS) > toleranceBytesPerS)
        this.speed = Math.min(1, Math.max(0.01, (this.speed * plan.bytesPerS) / dirtiedPerS));
      this.clock.setRate(this.speed, 'throttle');
      this.throttled(100 * (1 - this.speed));
    }
  }

  private set(percent: number): void {
    assert(percent > 0 && percent < 100, 'a throttled vCPU runs part of the time');
    if (percent === this.percent) return;
    this.steps.push({ atNs: this.simulation.nowNs, percent });
    this.clock.setRate(throttledSpeed(percent, this.pacing), 'throttle');
    this.throttled(percent);
  }
}

/** How long the vCPU sleeps between two slices of running. */
function sleepingNs(percent: number): number {
  return (sliceNs * percent) / (100 - percent);
}

/** What a vCPU does with the beginning of a slice: the timer interrupts that it missed while it slept. */
function catchUpNs(sleepNs: number): number {
  return 2 * ms + sleepNs / 200;
}

/**
 * What is left of a guest's speed when its vCPU sleeps `percent` of the time. A guest with idle time makes up
 * for a sleep afterwards, as far as its slack and its patience go: work that is later than `backlogNs` is
 * dropped. How late it is varies from sleep to sleep by `backlogJitterNs`. Constants measured with a paced
 * writer under QEMU 7.2, TCG: 0.65-0.87 of the speed at 60 %, 0.24 at 70 %, 0.07 at 90 %.
 */
export function throttledSpeed(percent: number, pacing: Pacing): number {
  const sleepNs = sleepingNs(percent);
  const running = Math.max(0, sliceNs - catchUpNs(sleepNs)) / (sliceNs + sleepNs);
  const caughtUp = Math.min(1, running / pacing.cpuShare);
  const slackNs = pacing.backlogNs - sleepNs + pacing.backlogJitterNs / 2;
  const keeps =
    pacing.backlogJitterNs === 0
      ? Number(slackNs >= 0)
      : Math.min(1, Math.max(0, slackNs / pacing.backlogJitterNs));
  return keeps * caughtUp + (1 - keeps) * Math.min(running, caughtUp);
}
