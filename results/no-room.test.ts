import { describe, expect, it } from 'vitest';
import { migrationTimes } from './measures/migration-times.ts';
import { runText } from './run-text.fixture.ts';

/** Three guests of 256 MiB go to a host that has room for one. */
const text = `
format: 1
until: 20 s
hosts: [{ name: a }, { name: b, memory: 300 MiB }]
peers: [{ name: client, address: 10.0.1.1 }]
vms:
  - { name: first, host: a, address: 10.0.0.1, memory: 256 MiB, policy: none }
  - { name: second, host: a, address: 10.0.0.2, memory: 256 MiB, policy: none }
  - { name: third, host: a, address: 10.0.0.3, memory: 256 MiB, policy: none }
workloads:
  - { name: probes, kind: probe, vm: second, peer: client, port: 7, period: 100 ms, deadline: 1 s, stop: 19 s }
max_at_once: 2
migrations:
  - { name: fits, vm: first, destination: b, at: 1 s }
  - { name: late, vm: second, destination: b, at: 1.2 s }
  - { name: later, vm: third, destination: b, at: 8 s }
`;

describe('a destination without room', () => {
  it('fails the migration while another takes the room and after it, with the VM alive at the source', () => {
    const rows = runText(text);
    const noRoom = 'the destination has no room for the VM';
    expect(
      migrationTimes(rows.phases).map(({ migration, outcome, reason }) => [migration, outcome, reason]),
    ).toEqual([
      ['fits', 'completed', ''],
      ['late', 'failed', noRoom],
      ['later', 'failed', noRoom],
    ]);
    // One each 100 ms from 0 to 19 s, none lost.
    expect(rows.probes.filter(({ answered }) => answered)).toHaveLength(191);
    expect(rows.probes.filter(({ answered }) => !answered)).toEqual([]);
  });
});
