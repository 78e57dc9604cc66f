import { expect, test } from 'vitest';
import { buildCluster } from './build-cluster.ts';
import { parseScenario } from './load-scenario.ts';

const text = (policy: string): string => `
format: 1
until: 20 s
hosts: [{ name: a }]
peers: [{ name: client, address: 10.0.1.1 }]
vms: [{ name: v, host: a, address: 10.0.0.10, memory: 64 MiB, policy: ${policy} }]
workloads:
  - { name: web, kind: static-web, vm: v, peer: client, users: 5, rest: 1 s }
  - { name: fetching, kind: ssh, vm: v, peer: client, port: 2222, initiator: vm, asks: vm, think: 100 ms }
  - { name: asking, kind: dns, vm: v, peer: client, initiator: vm, flows: 2 }
  - { name: probes, kind: handover-probes, vm: v, peer: client, open_port: 80, closed_port: 23, start: 10 s }
migrations: []
`;

function reached(policy: string): Map<string, number> {
  const { scenario } = parseScenario('probes.yaml', text(policy), []);
  const cluster = buildCluster(scenario, { seed: 1, repetition: 0, scheme: null, replayCommand: '' });
  const kinds = new Map<string, number>();
  const exposures = new Set<string>();
  cluster.observations.exposureChanged.subscribe(({ kind }) => exposures.add(kind));
  cluster.observations.packetDelivered.subscribe(({ to, packet: { intent } }) => {
    if (to === 'vm' && intent !== 'legitimate') kinds.set(intent, (kinds.get(intent) ?? 0) + 1);
  });
  cluster.run();
  // Each kind is asked about without being sent.
  expect(exposures.size).toBe(12);
  return kinds;
}

test('each of the twelve probes finds its target and reaches a VM that nothing guards', () => {
  const kinds = reached('none');
  expect(kinds.size).toBe(12);
  // One each second from 10 s on, the last one too late to arrive; those that need a target may find none at times.
  for (const kind of ['syn-closed-port', 'ack-open-port', 'udp-closed-port'])
    expect(kinds.get(kind)).toBe(10);
  for (const count of kinds.values()) expect(count).toBeLessThanOrEqual(10);
});

test('a strict firewall that never moved lets none of them through but datagrams on a flow that is open', () => {
  const strict = `{ rules: 'table inet t { chain c { type filter hook forward priority 0; policy drop;
    ct state established accept; ct state invalid drop; iifname "int0" ct state new accept;
    tcp dport 80 tcp flags & (fin | syn | rst | ack) == syn ct state new accept; }; }' }`;
  const kinds = reached(strict);
  // A UDP packet has nothing but its ports that a tracker could check; blind sequence numbers hit a window now and then.
  expect(kinds.get('udp-live-flow')).toBeGreaterThan(0);
  for (const kind of [
    'syn-closed-port',
    'ack-closed-port',
    'ack-open-port',
    'rst-without-flow',
    'udp-closed-port',
  ])
    expect([kind, kinds.get(kind)]).toEqual([kind, undefined]);
});
