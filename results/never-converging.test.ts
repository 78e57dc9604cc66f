import { describe, expect, it } from 'vitest';
import { memoryPresets } from '../scenarios/presets/memory-presets.ts';
import { migrationTimes } from './measures/migration-times.ts';
import type { MigrationTimes } from './measures/migration-times.ts';
import { runText } from './run-text.fixture.ts';

/** A guest of 64 MiB that rewrites all of it, 5.4 s over its link of 100 Mbit/s: no round is shorter than the first. */
function moved(memory: string, until: string): MigrationTimes | undefined {
  const text = `
format: 1
until: ${until}
hosts: [{ name: a, link: { rate: 100 Mbit/s } }, { name: b, link: { rate: 100 Mbit/s } }]
vms:
  - name: web
    host: a
    address: 10.0.0.1
    memory: 64 MiB
    policy: none
    memory_access: { kind: written, regions: [{ kind: rewritten, pages: rest }] }
migrations: [{ vm: web, destination: b, at: 1 s }]
migration_defaults: { memory: ${memory} }
`;
  const rows = runText(text);
  return migrationTimes(rows.phases)[0];
}

/** QEMU goes on until it converges or somebody cancels, compressing or not; so does SimGrid. */
const neverStop = ['qemu', 'qemu-compress', 'qemu-multifd-zstd', 'simgrid'];

describe('a guest that writes faster than its memory can be copied', () => {
  it.each(memoryPresets.map(({ name }) => name))('has an outcome, with its reason: %s', (memory) => {
    const { outcome, reason } = moved(memory, '10 min')!;
    if (neverStop.includes(memory)) {
      expect([outcome, reason]).toEqual(['unfinished', 'did not complete before the run ended']);
    } else expect([outcome, reason]).toEqual(['completed', '']);
  });

  it('stays at the source after the hour that the presets allow', () => {
    const { outcome, reason, at } = moved('simgrid', '2 h')!;
    expect([outcome, reason]).toEqual(['failed', 'the memory does not converge']);
    // It is given up at the end of the round of 5.4 s in which the hour ends.
    expect(Math.abs((at.failed ?? NaN) / 1e9 - 3601)).toBeLessThan(6);
  });
});
