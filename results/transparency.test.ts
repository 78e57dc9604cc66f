import { describe, expect, it } from 'vitest';
import type { Scheme } from '../models/migration/scheme.ts';
import { parseScenario } from '../scenarios/load-scenario.ts';
import { compareSchemes } from './compare.ts';
import type { RunSummary } from './summary.ts';

// CoM is transparent (after Ghorbani et al., SoCC 2014) if the source's engines freeze before the last snapshot,
// entries travel with full fidelity, rules do not change meanwhile, and tables are per VM. Each condition broken
// alone must show a loss.

/** A VM with clients that ask, clients that are pushed to, a neighbour on the same host, and an attacker. */
const world = (table: string, controller: string): string => `
format: 1
name: transparency
until: 120 s
hosts:
  - { name: a, memory: 8 GiB, nse: [{ kind: stateful-firewall, name: firewall, table: ${table} }] }
  - { name: b, memory: 8 GiB, nse: [{ kind: stateful-firewall, name: firewall, table: ${table} }] }
peers:
  - { name: client, address: 10.0.1.1 }
vms:
  - name: web
    host: a
    address: 10.0.0.10
    memory: 64 MiB
    memory_access: { kind: written, regions: [{ kind: growth, pages: rest, pages_in_one_second: 2000 pages, exponent: 0.4 }] }
    policy: { nft: rules/transparency.nft }
  - name: neighbour
    host: a
    address: 10.0.0.11
    memory: 64 MiB
    policy: { nft: rules/transparency.nft }
workloads:
  - { name: browsing, kind: request-response, vm: web, peer: client, port: 80, connections: 40, think: exponential(300 ms), stop: 20 s }
  - { name: pushes, kind: request-response, vm: web, peer: client, asks: vm, port: 443, connections: 20, think: exponential(300 ms), stop: 20 s }
  - { name: newcomers, kind: request-response, vm: web, peer: client, asks: vm, port: 444, connections: 400, think: exponential(300 ms), ramp: 9 s, stop: 20 s }
  - { name: latecomers, kind: request-response, vm: web, peer: client, port: 8443, connections: 5, think: exponential(300 ms), start: 9 s, stop: 20 s }
  - { name: shared, kind: request-response, vm: web, peer: neighbour, asks: vm, port: 5000, connections: 10, think: exponential(300 ms), stop: 20 s }
  - { name: attacks, kind: attack, vm: web, peer: client, kinds: [rst-live-flow, data-live-flow, syn-closed-port], open_port: 80, closed_port: 8080, period: 100 ms, stop: 20 s }
${controller}
migrations:
  - { vm: web, destination: b, at: 5 s, scheme: com-rounds }
`;

/** The scheme's summary on that world. */
function run(
  table: string,
  controller: string,
  change: (scheme: Scheme) => Scheme,
  scheme = 'com-rounds',
): RunSummary {
  const { scenario } = parseScenario('scenarios/transparency.yaml', world(table, controller), []);
  const preset = scenario.schemes.find(({ name }) => name === scheme)!;
  const { schemes } = compareSchemes({
    scenario,
    seed: 1,
    repetition: 0,
    choices: [{ name: scheme, scheme: change(preset), marks: { assumed: 0, fields: 0 } }],
    replayCommand: () => '',
    watch: { begin: () => undefined, listen: () => undefined, finish: () => undefined },
  });
  return schemes[0]!;
}

const unchanged = (scheme: Scheme): Scheme => scheme;

describe('CoM under its four conditions', () => {
  it.each(['com-stop', 'com-early', 'com-rounds'])('is transparent: %s', (scheme) => {
    const summary = run('per-vm', '', unchanged, scheme);
    expect(summary.transparency).toEqual({ transparent: true, reasons: [] });
    expect(
      summary.context.engines.map(({ missing, downgraded, stale }) => [missing, downgraded, stale]),
    ).toEqual([[0, 0, 0]]);
  });
});

describe('a negative control', () => {
  it('loses entries when the last snapshot comes before the freeze', () => {
    const summary = run('per-vm', '', (scheme) => ({
      ...scheme,
      context: { ...scheme.context, entries: ['at-reservation'] },
    }));
    expect(summary.transparency.transparent).toBe(false);
    expect(summary.context.engines[0]!.missing).toBeGreaterThan(0);
  });

  it('lets blind resets through when entries travel without their windows', () => {
    const summary = run('per-vm', '', (scheme) => ({
      ...scheme,
      context: { ...scheme.context, fidelity: 'flags' },
    }));
    expect(summary.transparency.transparent).toBe(false);
    expect(summary.context.engines[0]!.downgraded).toBeGreaterThan(0);
  });

  it('drops legitimate packets when the rules change and only the source is told', () => {
    const controller =
      'controller:\n  - { vm: web, at: 5050 ms, policy: { nft: rules/transparency-later.nft }, delays: { a: 0 s, b: never } }';
    const summary = run('per-vm', controller, unchanged);
    expect(summary.transparency.transparent).toBe(false);
    expect(summary.exposure.wrongly_dropped).toBeGreaterThan(0);
  });

  it('kills the neighbour’s half of shared entries when the source flushes a table that is shared', () => {
    const summary = run('shared', '', (scheme) => ({
      ...scheme,
      cleanup: { ...scheme.cleanup, by: 'address', flushShared: true },
    }));
    expect(summary.transparency.transparent).toBe(false);
    expect(summary.exposure.legitimate_dropped).toBeGreaterThan(0);
  });
});
