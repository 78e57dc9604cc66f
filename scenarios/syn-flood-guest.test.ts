import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildCluster } from './build-cluster.ts';
import { loadScenario } from './load-scenario.ts';

const path = join(import.meta.dirname, 'research/syn-flood-guest.yaml');

/** How many connections clients open from 4 s to 10 s, while the flood goes on and the VM moves. */
function opened(...overrides: readonly string[]): number {
  const { scenario } = loadScenario(path, ['until=12 s', ...overrides]);
  const how = { seed: 1, repetition: 0, scheme: 'as-written', replayCommand: '' } as const;
  const cluster = buildCluster(scenario, how);
  let count = 0;
  let moved = false;
  cluster.observations.connectionOpened.subscribe(({ timeNs }) => {
    if (timeNs >= 4e9 && timeNs < 10e9) count++;
  });
  cluster.observations.migrationPhase.subscribe(({ phase }) => (moved ||= phase === 'activate'));
  cluster.run();
  expect(moved).toBe(true);
  return count;
}

describe('a SYN flood that reaches a guest', () => {
  it('costs clients nothing with SYN cookies, and keeps them out without', () => {
    const calm = opened('workloads[1].start=11 s', 'workloads[1].stop=11.5 s');
    const cookies = opened();
    const without = opened('tcp.listen.syn_cookies=never');
    // Eighty users open one connection every few seconds.
    expect(calm).toBeGreaterThan(60);
    expect(Math.abs(cookies / calm - 1)).toBeLessThan(0.1);
    // 500 SYNs a second fill 65 places in 130 ms, each held for 7 s; of places that become free clients get some.
    expect(without).toBeLessThan(calm / 3);
    // A queue that nothing fills, as of models without one.
    expect(Math.abs(opened('tcp.listen=unlimited') / calm - 1)).toBeLessThan(0.1);
  });
});
