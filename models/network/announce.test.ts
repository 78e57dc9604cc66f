import { describe, expect, it } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import { ms, s } from '../../sim/time.ts';
import { announce, announceOffsetsNs, qemuAnnounce } from './announce.ts';

describe('announcements', () => {
  it("leave at 0, 50, 200, 450 and 800 ms with QEMU's defaults", () => {
    // Gaps of 50, 150, 250, 350 ms: initial 50, step 100, never above 550.
    expect(announceOffsetsNs(qemuAnnounce)).toEqual([0, 50 * ms, 200 * ms, 450 * ms, 800 * ms]);
  });

  it('keep to the largest delay', () => {
    // 50, 150, 200, 200.
    const series = { ...qemuAnnounce, delayMaxNs: 200 * ms };
    expect(announceOffsetsNs(series)).toEqual([0, 50 * ms, 200 * ms, 400 * ms, 600 * ms]);
  });

  it('are sent at their offsets from now', () => {
    const simulation = new Simulation({ scenario: 'test', seed: 1, repetition: 0, replayCommand: '' });
    simulation.run(1 * s);
    const sent: number[] = [];
    announce(simulation, [0, 50 * ms], () => sent.push(simulation.nowNs));
    simulation.run(2 * s);
    expect(sent).toEqual([1 * s, 1 * s + 50 * ms]);
  });
});
