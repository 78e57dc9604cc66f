import { expect, it } from 'vitest';
import { buildCluster } from './build-cluster.ts';
import { parseScenario } from './load-scenario.ts';

/** What the rules for the VM are on the host where it ends: one with a firewall, after a stay on one without any engine. */
function rulesAfter(home: 'bare' | 'walled', scheme: string): string {
  const back = home === 'walled' ? `{ vm: web, destination: bare, scheme: ${scheme}, at: 2 s }, ` : '';
  const text = `
format: 1
until: 20 s
hosts: [{ name: bare, nse: [] }, { name: walled }]
vms:
  - { name: web, host: ${home}, address: 10.0.0.10, memory: 16 MiB, policy: {
      rules: 'table inet t { chain c { type filter hook forward priority 0; policy drop; tcp dport 80 accept; }; }' } }
migration_defaults: { memory: xen-legacy }
migrations: [${back}{ vm: web, destination: walled, scheme: ${scheme}, at: 10 s }]
`;
  const { scenario } = parseScenario('again.yaml', text, []);
  const identity = { seed: 1, repetition: 0, scheme: 'as-written', replayCommand: '' } as const;
  const cluster = buildCluster(scenario, identity);
  cluster.run();
  const { vm } = cluster.migrations.at(-1)!;
  expect(vm.place).toBe('walled');
  return vm.engines[0]!.policy(vm).kind;
}

it.each(['stock-drop', 'rules-only', 'calico-live-like'])(
  'a VM that comes from a host without engines is held to its rules where there is one: %s',
  (scheme) => {
    expect(rulesAfter('bare', scheme)).toBe('rules');
    expect(rulesAfter('walled', scheme)).toBe('rules');
  },
);
