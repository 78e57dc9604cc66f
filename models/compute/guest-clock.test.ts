import { describe, expect, it } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import { ms } from '../../sim/time.ts';
import { GuestClock } from './guest-clock.ts';

function clockAt(): { simulation: Simulation; clock: GuestClock } {
  const simulation = new Simulation({ scenario: 'clock', seed: 1, repetition: 1, replayCommand: 'none' });
  return { simulation, clock: new GuestClock(simulation) };
}

describe('a guest clock', () => {
  it('keeps simulated time while nothing slows it', () => {
    const { simulation, clock } = clockAt();
    simulation.run(5 * ms);
    expect(clock.guestNs).toBe(5 * ms);
  });

  it('stands still while paused and goes on from there', () => {
    const { simulation, clock } = clockAt();
    simulation.run(5 * ms);
    clock.setRate(0, 'pause');
    simulation.run(9 * ms);
    expect(clock.guestNs).toBe(5 * ms);
    clock.setRate(1, 'pause');
    simulation.run(10 * ms);
    expect(clock.guestNs).toBe(6 * ms);
  });

  it('runs at the product of what its causes leave', () => {
    const { simulation, clock } = clockAt();
    clock.setRate(0.5, 'throttle');
    clock.setRate(0.5, 'cpu');
    simulation.run(8 * ms);
    expect(clock.guestNs).toBe(2 * ms);
    clock.setRate(1, 'cpu');
    expect(clock.rate).toBe(0.5);
  });

  it('tells when guest time will be reached, and never while frozen', () => {
    const { simulation, clock } = clockAt();
    clock.setRate(0.25, 'throttle');
    simulation.run(4 * ms);
    // 1 ms of guest time has passed; 2 more take 8 ms.
    expect(clock.timeOf(3 * ms)).toBe(12 * ms);
    expect(clock.timeOf(1 * ms)).toBe(4 * ms);
    clock.setRate(0, 'fault');
    expect(clock.timeOf(3 * ms)).toBe(Infinity);
  });

  it('tells its listeners of changes, and of nothing else', () => {
    const { clock } = clockAt();
    let changes = 0;
    const stop = clock.listen(() => changes++);
    clock.setRate(1, 'pause');
    clock.setRate(0, 'pause');
    stop();
    clock.setRate(1, 'pause');
    expect(changes).toBe(1);
  });

  it('refuses to run backwards or faster than time', () => {
    const { clock } = clockAt();
    expect(() => {
      clock.setRate(1.1, 'cpu');
    }).toThrow('a guest clock runs at a rate from 0 to 1');
  });
});
