import { expect, it } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import { until, type Process } from '../../sim/process.ts';
import { MigrationSlots } from './migration-slots.ts';

function* move(slots: MigrationSlots, hosts: string[], lengthNs: number, done: () => void): Process {
  const request = slots.request(hosts);
  yield* until(request.admitted);
  yield lengthNs;
  slots.leave(request);
  done();
}

it('lets a host take part in so many moves at once, and others wait their turn', () => {
  const simulation = new Simulation({ scenario: 's', seed: 1, repetition: 0, replayCommand: '' });
  const slots = new MigrationSlots(1);
  const ends: string[] = [];
  const record = (name: string) => (): number => ends.push(`${name} ${simulation.nowNs}`);
  // a→b takes 10; b→c has to wait for b; d→e is free at once.
  simulation.spawn(move(slots, ['a', 'b'], 10, record('first')));
  simulation.spawn(move(slots, ['b', 'c'], 10, record('second')));
  simulation.spawn(move(slots, ['d', 'e'], 5, record('third')));
  simulation.run(Infinity);
  expect(ends).toEqual(['third 5', 'first 10', 'second 20']);
});

it('forgets a request that is withdrawn', () => {
  const slots = new MigrationSlots(1);
  const first = slots.request(['a', 'b']);
  const second = slots.request(['b', 'c']);
  const third = slots.request(['b', 'd']);
  slots.leave(second);
  slots.leave(first);
  expect([first, second, third].map((request) => request.admitted.fired)).toEqual([true, false, true]);
});
