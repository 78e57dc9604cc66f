import { describe, expect, it } from 'vitest';
import { migrationTimes } from './measures/migration-times.ts';
import type { MigrationTimes } from './measures/migration-times.ts';
import { runText } from './run-text.fixture.ts';

const quiet = '{ kind: kernel }';
const busy = '{ kind: rewritten, pages: 20000 pages }';

/** A guest of 256 MiB that writes faster than 1 Gbit/s carries, or hardly at all, moved under a memory plan. */
function moved(memory: string, at: string, writes: string): MigrationTimes {
  const text = `
format: 1
start: fixed
until: 90 s
hosts: [{ name: a }, { name: b }]
vms:
  - name: web
    host: a
    address: 10.0.0.1
    memory: 256 MiB
    policy: none
    memory_access: { kind: written, regions: [${writes}, { kind: unwritten, pages: rest, content: data }] }
migrations: [{ vm: web, destination: b, at: ${at}, scheme: tried }]
schemes: [{ name: tried, based_on: stock-drop, memory: ${memory} }]
`;
  return migrationTimes(runText(text).phases)[0]!;
}

/** Time from the request to each phase. */
function wayOf({ at }: MigrationTimes): (number | null)[] {
  return Object.values(at).map((timeNs) => (timeNs === null ? null : timeNs - at.request!));
}

describe('a migration', () => {
  it.each([
    'qemu',
    'simgrid',
    'xen-current',
    '{ based_on: qemu, limits: { live_max: 4 s, then: stop } }',
    '{ based_on: hybrid, switch_after: 3 s }',
    '{ based_on: qemu, rounds: { throttle: { kind: auto-converge, trigger: 50 %, initial: 20 %, increment: 10 %, maximum: 99 % } } }',
  ])('takes the same way whenever it is requested: %s', (memory) => {
    for (const writes of [quiet, busy]) {
      const [early, late] = [wayOf(moved(memory, '1 s', writes)), wayOf(moved(memory, '20 s', writes))];
      // What a guest has written when one looks differs by some pages, at 33 us each.
      for (const [index, ns] of late.entries())
        expect(Math.abs((ns ?? 0) - (early[index] ?? 0))).toBeLessThan(2e6);
    }
  });

  it('has all of the live time that its plan allows, however late it begins', () => {
    const { at } = moved('{ based_on: qemu, limits: { live_max: 4 s, then: stop } }', '20 s', busy);
    // 82 MB are dirty whenever one looks, which takes 0.66 s of 1 Gbit/s: the limit of 300 ms is never met; after 4 s the guest stops.
    expect((at.stop! - at.request!) / 1e9).toBeGreaterThan(4);
    expect((at.stop! - at.request!) / 1e9).toBeLessThan(4.5);
  });
});
