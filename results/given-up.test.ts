import { describe, expect, it } from 'vitest';
import type { MigrationTimes } from './measures/migration-times.ts';
import { migrationTimes } from './measures/migration-times.ts';
import type { RunRows } from './run-rows.ts';
import { runText } from './run-text.fixture.ts';

/** A guest of 2 GiB that is given up after a second, and one of 256 MiB that moves over the same link after it. */
function moved(memory: string, bigAt = '1 s'): { readonly rows: RunRows; readonly small: MigrationTimes } {
  const text = `
format: 1
until: 60 s
hosts:
  - { name: '{i}', count: 2, migration_link: { rate: 1 Gbit/s, delay: 0 s } }
vms:
  - { name: big, host: '0', address: 10.0.0.1, memory: 2 GiB, policy: none, memory_access: { kind: written, regions: [{ kind: rewritten, pages: rest }] } }
  - { name: small, host: '0', address: 10.0.0.2, memory: 256 MiB, policy: none }
migration_defaults: { memory: ${memory} }
migrations:
  - { name: big, vm: big, destination: '1', at: ${bigAt}, give_up: 1 s }
  - { name: small, vm: small, destination: '1', at: 3 s }
`;
  const rows = runText(text);
  const times = migrationTimes(rows.phases);
  expect(times.find(({ migration }) => migration === 'big')?.outcome).toBe('failed');
  return { rows, small: times.find(({ migration }) => migration === 'small')! };
}

describe('a migration that is given up in the middle of a round', () => {
  it.each(['stop-and-copy', 'simgrid', 'xen-current', 'qemu'])('leaves the link to others: %s', (memory) => {
    const after = moved(memory).small;
    expect(after.outcome).toBe('completed');
    // As if the other had not begun: its round of 2 GiB would have taken 17 s.
    expect(after.at).toEqual(moved(memory, '50 s').small.at);
  });

  it.each(['stop-and-copy', 'simgrid', 'qemu'])('has sent what the link carried until then: %s', (memory) => {
    const { rows } = moved(memory);
    const bytes = rows.memoryRounds
      .filter(({ migration }) => migration === 'big')
      .reduce((sum, round) => sum + round.bytes, 0);
    // A second at 125 MB/s, set-up and the windows of QEMU apart.
    expect(bytes / 1e6).toBeGreaterThan(100);
    expect(bytes / 1e6).toBeLessThan(140);
  });
});
