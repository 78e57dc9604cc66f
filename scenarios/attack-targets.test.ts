import { expect, test } from 'vitest';
import { buildCluster } from './build-cluster.ts';
import { parseScenario } from './load-scenario.ts';

/** Packets of each kind of attack that reached the VM or were dropped. */
function struck(workloads: string): Map<string, number> {
  const text = `
format: 1
until: 20 s
hosts: [{ name: a }]
peers: [{ name: p, address: 10.0.1.1 }]
vms: [{ name: v, host: a, address: 10.0.0.1, memory: 64 MiB, policy: none }]
workloads: [${workloads}]
migrations: []
`;
  const { scenario } = parseScenario('s.yaml', text, []);
  const cluster = buildCluster(scenario, { seed: 1, repetition: 0, scheme: 'as-written', replayCommand: '' });
  const counts = new Map<string, number>();
  const count = ({
    packet,
  }: {
    readonly packet: { readonly intent: string; readonly destinationPort: number };
  }) => {
    // The VM's answers have the intent of what they answer.
    if (packet.destinationPort < 1024) counts.set(packet.intent, (counts.get(packet.intent) ?? 0) + 1);
  };
  cluster.observations.packetDelivered.subscribe(count);
  cluster.observations.packetDropped.subscribe(count);
  cluster.run();
  return counts;
}

const short = `{ name: short, kind: static-web, vm: v, peer: p, users: 5, requests: 1, rest: 100 ms }`;
const long = `{ name: long, kind: key-value, vm: v, peer: p, port: 800 }`;
const attack = `{ name: attack, kind: attack, vm: v, peer: p, kinds: [closed-flow-tuple, data-live-flow], open_port: 80, closed_port: 23, period: 100 ms, start: 5 s }`;

test('an attack strikes in each period while any workload has a target, wherever it stands in the file', () => {
  // From 5 s to 20 s every 100 ms: 150 or 151 times. Only one of the two workloads closes connections.
  for (const workloads of [
    [short, long, attack],
    [attack, long, short],
  ]) {
    const counts = struck(workloads.join(', '));
    for (const kind of ['closed-flow-tuple', 'data-live-flow'])
      expect(Math.abs((counts.get(kind) ?? 0) - 150.5)).toBeLessThan(1);
  }
});
