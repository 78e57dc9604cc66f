import { describe, expect, it } from 'vitest';
import { s } from '../sim/time.ts';
import { buildCluster } from './build-cluster.ts';
import { parseScenario } from './load-scenario.ts';

/** What a move and the traffic beside it made of each other, under one interval of sharing. */
interface Outcome {
  readonly moveNs: number;
  readonly payloadBytes: number;
}

/** A VM of 128 MiB moves at 1 s over the cable of its traffic, 1 Gbit/s. */
function move(workload: string, intervalMs: number): Outcome {
  const text = `
format: 1
until: 3500 ms
sharing_interval: ${intervalMs} ms
hosts: [{ name: a, link: { rate: 1 Gbit/s } }, { name: b, link: { rate: 1 Gbit/s } }]
peers: [{ name: client, address: 10.0.1.1 }]
vms: [{ name: web, host: a, address: 10.0.0.10, memory: 128 MiB, policy: none,
  memory_access: { kind: written, regions: [{ kind: growth, pages: rest, pages_in_one_second: 500 pages, exponent: 0.4 }] } }]
workloads: [{ name: load, vm: web, peer: client, ${workload} }]
migrations: [{ vm: web, destination: b, at: 1 s, scheme: stock-accept }]
`;
  const { scenario } = parseScenario('interval.yaml', text, []);
  const cluster = buildCluster(scenario, { seed: 1, repetition: 0, scheme: 'as-written', replayCommand: '' });
  const phaseNs = new Map<string, number>();
  cluster.observations.migrationPhase.subscribe(({ phase, timeNs }) => phaseNs.set(phase, timeNs));
  let payloadBytes = 0;
  cluster.observations.packetDelivered.subscribe(({ timeNs, packet }) => {
    // At 2 s the move is still under way in each case: 1.07 Gbit at no more than 1 Gbit/s.
    if (timeNs >= 1 * s && timeNs < 2 * s) payloadBytes += packet.payloadBytes;
  });
  cluster.run();
  return { moveNs: phaseNs.get('commit')! - phaseNs.get('request')!, payloadBytes };
}

describe('a move and traffic on one cable', () => {
  it.each([
    ['a bulk transfer from the VM', 'kind: bulk-down, users: 4'],
    ['a bulk transfer to the VM', 'kind: bulk-up, users: 4'],
    [
      'streams of datagrams at 210 Mbit/s',
      'kind: media-stream, flows: 20, by_vm: { every: 1 ms, size: 1316 B }',
    ],
    [
      'requests of a closed loop',
      'kind: request-response, port: 80, connections: 20, response: 256 KiB, think: 50 ms',
    ],
  ])(
    'change by less than 2 %% when the interval is halved or doubled: %s',
    (_, workload) => {
      const usual = move(workload, 20);
      for (const intervalMs of [10, 40]) {
        const other = move(workload, intervalMs);
        expect(Math.abs(other.moveNs / usual.moveNs - 1)).toBeLessThan(0.02);
        expect(Math.abs(other.payloadBytes / usual.payloadBytes - 1)).toBeLessThan(0.02);
      }
    },
    120_000,
  );
});
