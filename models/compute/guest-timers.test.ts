import { describe, expect, it } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import { GuestClock } from './guest-clock.ts';
import { GuestTimers, type GuestTimerMode } from './guest-timers.ts';

/** Timers of 50 and 150 ns, set at 0, on a clock that the script changes; when each expired, on the time outside. */
function expiries(
  mode: GuestTimerMode,
  script: (clock: GuestClock, simulation: Simulation) => void,
): number[] {
  const simulation = new Simulation({ scenario: 's', seed: 1, repetition: 0, replayCommand: '' });
  const clock = new GuestClock(simulation);
  const timers = new GuestTimers(simulation, clock, mode);
  const found: number[] = [];
  for (const delayNs of [50, 150]) timers.schedule(delayNs, () => found.push(simulation.nowNs), undefined);
  script(clock, simulation);
  simulation.run(10_000);
  return found;
}

/** A pause from 100 to 1100 ns. */
function pause(clock: GuestClock, simulation: Simulation): void {
  simulation.schedule(100, () => clock.setRate(0, 'pause'), undefined);
  simulation.schedule(1100, () => clock.setRate(1, 'pause'), undefined);
}

describe('the timers of a guest', () => {
  it('are put off by the length of a pause when frozen', () => {
    // 50 ns of the second timer are left at the pause, and again at the resume.
    expect(expiries('frozen', pause)).toEqual([50, 1150]);
  });

  it('expire at the resume when they catch up', () => {
    expect(expiries('catch-up', pause)).toEqual([50, 1100]);
  });

  it('take no notice of a pause when running', () => {
    expect(expiries('running', pause)).toEqual([50, 150]);
  });

  it('go by the guest’s own time when the guest is slowed down, and faster again', () => {
    // At half speed 50 guest ns last 100 ns; at 200 ns the guest has lived 100, and 50 are left at full speed.
    const throttle = (clock: GuestClock, simulation: Simulation): void => {
      clock.setRate(0.5, 'throttle');
      simulation.schedule(200, () => clock.setRate(1, 'throttle'), undefined);
    };
    expect(expiries('frozen', throttle)).toEqual([100, 250]);
  });

  it('can be cancelled while the guest stands still', () => {
    const simulation = new Simulation({ scenario: 's', seed: 1, repetition: 0, replayCommand: '' });
    const clock = new GuestClock(simulation);
    const timers = new GuestTimers(simulation, clock, 'frozen');
    let expired = false;
    const handle = timers.schedule(150, () => (expired = true), undefined);
    pause(clock, simulation);
    simulation.schedule(500, () => timers.cancel(handle), undefined);
    simulation.run(10_000);
    expect(expired).toBe(false);
  });

  it('are not cancelled by the handle of one before them that is over', () => {
    const simulation = new Simulation({ scenario: 's', seed: 1, repetition: 0, replayCommand: '' });
    const timers = new GuestTimers(simulation, new GuestClock(simulation), 'frozen');
    const found: string[] = [];
    const first = timers.schedule(50, () => found.push('first'), undefined);
    simulation.run(60);
    timers.schedule(50, () => found.push('second'), undefined);
    expect(timers.cancel(first)).toBe(false);
    simulation.run(200);
    expect(found).toEqual(['first', 'second']);
  });

  it('expire in the order in which they were set when a faster guest meets several at once', () => {
    // A timer is over and its place is used again; of those that are then due together the older one comes first.
    const simulation = new Simulation({ scenario: 's', seed: 1, repetition: 0, replayCommand: '' });
    const clock = new GuestClock(simulation);
    const timers = new GuestTimers(simulation, clock, 'frozen');
    const found: string[] = [];
    clock.setRate(0.5, 'throttle');
    const gone = timers.schedule(10, () => found.push('gone'), undefined);
    timers.schedule(100, () => found.push('older'), undefined);
    timers.cancel(gone);
    timers.schedule(100, () => found.push('younger'), undefined);
    clock.setRate(1, 'throttle');
    simulation.run(200);
    expect(found).toEqual(['older', 'younger']);
  });
});
