import { expect, it } from 'vitest';
import { buildCluster } from './build-cluster.ts';
import { parseScenario } from './load-scenario.ts';
import { memoryPresets } from './presets/memory-presets.ts';

/** From the request of a migration to its commit, in ms. */
function committedAfterMs(memory: string, atS: number): number {
  const text = `
format: 1
until: 120 s
hosts: [{ name: a }, { name: b }]
vms:
  - name: web
    host: a
    address: 10.0.0.10
    memory: 64 MiB
    policy: none
    memory_access: { kind: written, regions: [{ kind: unwritten, pages: rest }] }
migration_defaults: { memory: ${memory} }
migrations: [{ vm: web, destination: b, at: ${atS} s }]
`;
  const { scenario } = parseScenario('start.yaml', text, []);
  const identity = { seed: 1, repetition: 0, scheme: 'as-written', replayCommand: '' } as const;
  const cluster = buildCluster(scenario, identity);
  let commitNs = NaN;
  cluster.observations.migrationPhase.subscribe(({ phase, timeNs }) => {
    if (phase === 'commit') commitNs = timeNs;
  });
  cluster.run();
  return commitNs / 1e6 - atS * 1e3;
}

const slow = '{ based_on: qemu, rounds: { cap: 100 Mbit/s } }';

it.each([...memoryPresets.map(({ name }) => name), slow])(
  'a guest that writes nothing is moved in the same time whenever that begins: %s',
  (name) => {
    // The VM's first frames share the link with what is sent at 0.
    const lateMs = committedAfterMs(name, 8) - committedAfterMs(name, 0);
    expect(Math.abs(lateMs)).toBeLessThan(0.1);
  },
);
