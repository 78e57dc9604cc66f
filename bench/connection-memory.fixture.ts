import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Cluster } from '../models/cluster.ts';
import { seconds } from '../sim/time.ts';
import { buildCluster } from '../scenarios/build-cluster.ts';
import { parseScenario } from '../scenarios/load-scenario.ts';

/**
 * Bytes of heap that each of so many open connections takes, everything included: both ends, their sessions, the
 * entry in the host's table and that of the reference. People with a terminal, each of whom types anew after `think`.
 */
export function bytesPerConnection(connections: number, think: string): number {
  const peers = Math.ceil(connections / 25_000);
  const users = Math.ceil(connections / peers);
  const workloads = peerNames(peers).map(
    (peer, index) =>
      `{ name: people-${index}, kind: ssh, vm: web, peer: ${peer}, port: ${22 + index}, users: ${users}, think: ${think}, ramp: 20 s }`,
  );
  const [before = 0, after = 0] = heapAt([0, 40], build(peers, workloads, 41));
  return (after - before) / (users * peers);
}

/** Bytes of heap after each ten minutes of a simulated hour in which `perSecond` connections come, ask twice and go. */
export function heapOverAnHour(perSecond: number): number[] {
  const arrivals = `arrivals: exponential(${Math.round(1e6 / perSecond)} us), requests: 2, think: 1 s`;
  const visits = `{ name: visits, kind: static-web, vm: web, peer: peer-0, ${arrivals} }`;
  return heapAt([600, 1200, 1800, 2400, 3000, 3599], build(1, [visits], 3600));
}

function heapAt(timesS: readonly number[], cluster: Cluster): number[] {
  const sizes: number[] = [];
  for (const timeS of timesS) {
    cluster.simulation.schedule(seconds(timeS), () => sizes.push(heapBytes()), undefined);
  }
  cluster.run();
  return sizes;
}

function build(peers: number, workloads: readonly string[], untilS: number): Cluster {
  const text = `
format: 1
until: ${untilS} s
hosts: [{ name: a, link: { rate: 100 Gbit/s } }, { name: b }]
peers: [${peerNames(peers)
    .map((name, index) => `{ name: ${name}, address: 10.0.1.${index + 1}, link: { rate: 100 Gbit/s } }`)
    .join(', ')}]
vms: [{ name: web, host: a, address: 10.0.0.10, memory: 64 MiB, policy: { rules: 'table inet f { chain c {
  type filter hook forward priority filter; policy drop; ct state established accept; tcp dport 1-1023 ct state new accept; }; }' } }]
workloads: [${workloads.join(', ')}]
migrations: []
`;
  const { scenario } = parseScenario('connection-memory.yaml', text, []);
  return buildCluster(scenario, { seed: 1, repetition: 0, scheme: null, replayCommand: '' });
}

function peerNames(peers: number): string[] {
  return Array.from({ length: peers }, (_, index) => `peer-${index}`);
}

/**
 * What is in use after garbage was collected, typed arrays included. Their memory is given back in the background,
 * which the next collection waits for: arrays that were outgrown would still count after one.
 */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
