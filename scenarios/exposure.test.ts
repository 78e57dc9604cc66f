import { describe, expect, it } from 'vitest';
import type { ExposureChanged, PhaseReached } from '../models/observations.ts';
import { buildCluster } from './build-cluster.ts';
import { parseScenario } from './load-scenario.ts';

interface Seen {
  readonly changes: readonly ExposureChanged[];
  readonly activeNs: number;
}

function run(scheme: string, more = ''): Seen {
  const rules = (port: number): string => `{ rules: 'table inet t { chain c {
    type filter hook forward priority 0; policy drop; ct state established accept; ct state invalid drop;
    iifname "int0" accept; tcp dport ${port} ct state new accept; }; }' }`;
  const text = `
format: 1
until: 30 s
hosts: [{ name: a }, { name: b }]
peers: [{ name: client, address: 10.0.1.1 }]
vms: [{ name: web, host: a, address: 10.0.0.10, memory: 64 MiB, policy: ${rules(80)} }]
workloads:
  - { name: ask, kind: request-response, vm: web, peer: client, port: 80, connections: 3, think: 500 ms, stop: 20 s }
  - { name: attack, kind: attack, vm: web, peer: client, kinds: [syn-closed-port, rst-live-flow, syn-flood],
      open_port: 80, closed_port: 8080, period: 10 s }
migration_defaults: { memory: stop-and-copy }
schemes: [{ name: tried, based_on: ${scheme} }]
migrations: [{ vm: web, destination: b, at: 5 s, scheme: tried }]
${more.replace('RULES', rules(8080))}
`;
  const { scenario } = parseScenario('exposure.yaml', text, []);
  const cluster = buildCluster(scenario, { seed: 1, repetition: 0, scheme: 'as-written', replayCommand: '' });
  const changes: ExposureChanged[] = [];
  const phases: PhaseReached[] = [];
  cluster.observations.exposureChanged.subscribe((change) => changes.push(change));
  cluster.observations.migrationPhase.subscribe((phase) => phases.push(phase));
  cluster.run();
  return { changes, activeNs: phases.find(({ phase }) => phase === 'activate')!.timeNs };
}

/** When a kind began and ceased to reach the VM wrongly, in ns after the resume. */
function windows({ changes, activeNs }: Seen, kind: string): number[] {
  const [first, ...rest] = changes.filter((change) => change.kind === kind);
  expect(first?.exposed).toBe(false);
  return rest.map(({ timeNs }) => timeNs - activeNs);
}

describe('an exposure window', () => {
  it('never opens under CoM, and is known to have been looked for', () => {
    const seen = run('com-stop');
    expect(windows(seen, 'syn-closed-port')).toEqual([]);
    expect(windows(seen, 'rst-live-flow')).toEqual([]);
  });

  it('opens at the resume where the destination filters nothing, and stays open', () => {
    const seen = run('stock-accept');
    expect(windows(seen, 'syn-closed-port')).toEqual([0]);
    expect(windows(seen, 'rst-live-flow')).toEqual([0]);
  });

  it('lasts until the rules are there', () => {
    const late = `context: { until_installed: no-engine, after_resume: 2 s, gate: { waits: false, timeout: never, then: resume } }`;
    const [from, to] = windows(run(`calico-2015-like, ${late}`), 'syn-closed-port');
    expect(from).toBe(0);
    // 2 s, then 4 rules of 45 bytes at 1 Gbit/s and 40 us of wires, and 3.3 ms and 4 x 15 us to install them.
    expect(to! / 1e6).toBeCloseTo(2000 + 0.0014 + 0.04 + 3.3 + 0.06, 1);
  });

  it('closes at the first packet of the flow where an entry came without its window', () => {
    const strict = 'com-stop, context: { fidelity: flags }';
    const [from, to] = windows(run(strict), 'rst-live-flow');
    expect(from).toBe(0);
    expect(to).toBeGreaterThan(0);
    // Three connections speak twice a second each.
    expect(to! / 1e6).toBeLessThan(1000);
  });

  it('opens without a move where a host does not hear of a rule that was revoked', () => {
    const update = 'controller: [{ vm: web, at: 2 s, policy: RULES, delays: { a: 1 s, b: 0 s } }]';
    const { changes } = run('com-stop', update);
    // Port 80, the flood's, is closed at 2 s; host a closes it a second later.
    const flood = changes.filter(({ kind }) => kind === 'syn-flood');
    expect(flood.map(({ timeNs, exposed }) => [timeNs, exposed])).toEqual([
      [0, false],
      [2e9, true],
      [3e9, false],
    ]);
    // Port 8080 is opened a second late: that harms, but exposes nothing.
    expect(changes.filter(({ kind }) => kind === 'syn-closed-port')).toHaveLength(1);
  });

  it('lasts as long as the controller’s update takes, drawn for each host', () => {
    const ends = ['uniform(500 ms, 1500 ms)', 'empirical(600 ms, 1400 ms)'].map((delay) => {
      const update = `controller: [{ vm: web, at: 2 s, policy: RULES, delay: '${delay}' }]`;
      const flood = run('com-stop', update).changes.filter(({ kind }) => kind === 'syn-flood');
      return flood.at(-1)!.timeNs / 1e9;
    });
    expect(ends[0]).toBeGreaterThan(2.5);
    expect(ends[0]).toBeLessThan(3.5);
    // The same draw u: 0.5 + u seconds by the first law, 0.6 + 0.8 u by the second.
    expect(ends[1]! - 2).toBeCloseTo(0.6 + 0.8 * (ends[0]! - 2.5), 6);
  });
});
