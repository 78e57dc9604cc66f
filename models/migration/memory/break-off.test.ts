import { expect, it } from 'vitest';
import { Chance } from '../../../sim/random.ts';
import { Simulation } from '../../../sim/simulation.ts';
import { seconds } from '../../../sim/time.ts';
import { GuestClock } from '../../compute/guest-clock.ts';
import { createGuestMemory } from '../../compute/guest-memory.ts';
import { cpuBound } from '../../compute/memory-access.ts';
import { createMemoryTransfer } from './create-memory-transfer.ts';
import { FixedRateStream } from './fixed-rate-stream.ts';
import { plainQemuRounds } from './hand-made-rounds.fixture.ts';
import type { MemoryPlan } from './memory-plan.ts';
import type { RoundRecord } from './memory-transfer.ts';
import { wholeCpu } from './whole-cpu.ts';

const throttled: MemoryPlan = {
  kind: 'pre-copy',
  costs: { setUpNs: 0, liveRateBps: Infinity, stoppedRateBps: Infinity, endNs: 0, deviceBytes: 0 },
  wire: { dataPageBytes: 4104, zeroPageBytes: 9, compression: { kind: 'none' } },
  rounds: {
    ...plainQemuRounds,
    capBps: 64e6,
    downtimeMaxNs: 1,
    socketBufferBytes: 262_144,
    throttle: { kind: 'auto-converge', triggerShare: 0.5, initial: 0.5, increment: 0.1, maximum: 0.99 },
  },
  limits: { roundsMax: Infinity, bytesMax: Infinity, liveNsMax: Infinity, then: 'give-up' },
};

it('lets a throttled guest run at full speed when its migration is broken off, and ends its round', () => {
  const simulation = new Simulation({ scenario: 's', seed: 1, repetition: 1, replayCommand: '' });
  const clock = new GuestClock(simulation);
  const chance = new Chance(1, 1);
  const regions = [{ kind: 'rewritten', pages: 4096 }] as const;
  const ended: RoundRecord[] = [];
  const transfer = createMemoryTransfer(throttled, {
    simulation,
    clock,
    memory: createGuestMemory({ detail: 'exact', regions, pacing: cpuBound }, clock, chance.stream('a', 'b')),
    stream: new FixedRateStream(simulation, { rateBps: 1e9, delayNs: 0 }),
    chance: chance.stream('a', 'c'),
    roundStarted: () => undefined,
    roundEnded: (record) => void ended.push(record),
    throttled: () => undefined,
    work: wholeCpu,
    compress: wholeCpu,
    unpack: wholeCpu,
  });
  const live = simulation.spawn(transfer.live());
  // 16 MiB at 8 MB/s are rounds of 2.1 s, each of which dirties everything: the second reading throttles.
  simulation.run(seconds(6));
  const slowNs = clock.guestNs;
  simulation.run(seconds(7));
  expect(clock.guestNs - slowNs).toBeLessThan(seconds(0.6));
  live.interrupt(new Error('given up'));
  transfer.breakOff(new Map());
  const fromNs = clock.guestNs;
  simulation.run(seconds(8));
  expect(clock.guestNs - fromNs).toBe(seconds(1));
  expect(ended.at(-1)?.endNs).toBe(seconds(7));
  expect(ended.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(transfer.sentBytes);
});
