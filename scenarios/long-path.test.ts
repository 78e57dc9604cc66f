import { describe, expect, it } from 'vitest';
import { s } from '../sim/time.ts';
import { buildCluster } from './build-cluster.ts';
import { parseScenario } from './load-scenario.ts';

/** How long an idle VM of 128 MiB moves over 1 Gbit/s, from the first page to the last, in seconds. */
function moveS(link: string, rounds: string): number {
  const text = `
format: 1
until: 600 s
hosts: [{ name: a, link: { rate: 1 Gbit/s, ${link} } }, { name: b, link: { rate: 1 Gbit/s, delay: 0 s } }]
vms: [{ name: web, host: a, address: 10.0.0.10, memory: 128 MiB, policy: none,
  memory_access: { kind: written, regions: [{ kind: unwritten, pages: rest }] } }]
schemes: [{ name: mine, based_on: stock-accept, memory: { based_on: qemu, rounds: { kind: qemu, ${rounds} } } }]
migrations: [{ vm: web, destination: b, at: 1 s, scheme: mine }]
`;
  const { scenario } = parseScenario('long.yaml', text, []);
  const cluster = buildCluster(scenario, { seed: 1, repetition: 0, scheme: 'as-written', replayCommand: '' });
  const phaseNs = new Map<string, number>();
  cluster.observations.migrationPhase.subscribe(({ phase, timeNs }) => phaseNs.set(phase, timeNs));
  cluster.run();
  return (phaseNs.get('memory-complete')! - phaseNs.get('round')!) / s;
}

describe('a QEMU migration over a long path', () => {
  it('takes the time of slow start and of the way more, not that of the way for each chunk', () => {
    const near = moveS('delay: 0 s', 'cap: 4 Gbit/s');
    // 128 MiB in frames of 4,104 bytes a page at 1 Gbit/s: 1.076 s.
    expect(near).toBeCloseTo(1.08, 1);
    // 10 ms of round trip: five or six of them until 863 segments are a window, and the way.
    const far = moveS('delay: 5 ms', 'cap: 4 Gbit/s');
    expect(far - near).toBeGreaterThan(0.005);
    expect(far - near).toBeLessThan(0.1);
  });

  it('is as fast as its connections where frames are lost', () => {
    const one = moveS('delay: 5 ms, loss: 1 %', 'cap: 4 Gbit/s');
    const two = moveS('delay: 5 ms, loss: 1 %', 'cap: 4 Gbit/s, connections: 2');
    expect(one / two).toBeGreaterThan(1.9);
    expect(one / two).toBeLessThan(2.1);
  });
});
