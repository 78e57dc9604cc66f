import { expect, test } from 'vitest';
import { formatAddress } from '../models/network/address.ts';
import type { Packet } from '../models/network/packet.ts';
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
  const count = ({ packet }: { readonly packet: Packet }): void => {
    // The VM's answers have the intent of what they answer.
    if (formatAddress(packet.destination) !== '10.0.0.1') return;
    counts.set(packet.intent, (counts.get(packet.intent) ?? 0) + 1);
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

test('an attack finds what the VM opened and what is no TCP among recorded flows too', () => {
  const recorded = `{ name: played, kind: recorded, vm: v, flows: [
    { peer: p, protocol: tcp, initiator: vm, port: 810, at: 0 s, messages: [vm 1 ms 10 B, peer 19 s 10 B] },
    { peer: p, protocol: udp, initiator: peer, port: 820, at: 0 s, messages: [peer 1 ms 10 B, vm 2 ms 10 B] }] }`;
  const kinds = ['rst-live-flow-of-vm', 'udp-live-flow'];
  const strikes = attack.replace('closed-flow-tuple, data-live-flow', kinds.join(', '));
  const counts = struck([recorded, strikes].join(', '));
  // From 5 s to 19 s at least, every 100 ms.
  for (const kind of kinds) expect(counts.get(kind) ?? 0).toBeGreaterThanOrEqual(140);
});
