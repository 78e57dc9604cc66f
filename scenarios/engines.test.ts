import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../sim/assert.ts';
import { catalogue } from './catalogue.ts';
import { parseScenario } from './load-scenario.ts';
import { engineDefaults, markOfDefault } from './presets/engine-defaults.ts';
import type { Scenario } from './scenario.ts';

// What a scenario may say of security engines, and what it is told when it says something else.

function scenarioOf(nseOfA: string, nseOfB: string, scheme = 'com-rounds', more = ''): Scenario {
  const policy = `{ rules: 'table inet t { chain c { type filter hook forward priority 0; policy drop; }; }' }`;
  const text = `
format: 1
until: 20 s
hosts: [{ name: a, nse: [${nseOfA}] }, { name: b, nse: [${nseOfB}] }]
peers: [{ name: client, address: 10.0.1.1 }]
vms: [{ name: web, host: a, address: 10.0.0.10, memory: 64 MiB, policy: ${policy} }]
${more}
migrations: [{ vm: web, destination: b, at: 5 s, scheme: ${scheme} }]
`;
  return parseScenario('engines.yaml', text, []).scenario;
}

function problems(...described: Parameters<typeof scenarioOf>): string[] {
  try {
    scenarioOf(...described);
  } catch (error) {
    if (error instanceof ScenarioError)
      return error.problems.map(({ place, message }) => `${place.split(' ')[1]}: ${message}`);
    throw error;
  }
  return [];
}

describe('an engine of a host', () => {
  it('is listed, whatever its kind', () => {
    const names = catalogue('engines').map(({ name }) => name);
    expect(names).toEqual(['stateful-firewall', ...Object.keys(engineDefaults)]);
  });

  it('has every default from a source that is named', () => {
    for (const [kind, defaults] of Object.entries(engineDefaults)) {
      for (const key of Object.keys(defaults)) {
        expect(markOfDefault(kind, key)?.source.length, `${kind}.${key}`).toBeGreaterThan(5);
      }
    }
    const { hosts } = scenarioOf('{ kind: source-guard }', '{ kind: source-guard, unbound: pass }');
    expect(hosts.map(({ engines }) => engines[0])).toMatchObject([
      { kind: 'source-guard', name: 'source-guard', unbound: 'drop', itemsMax: Infinity, exports: 'full' },
      { unbound: 'pass' },
    ]);
  });

  it('has a name and outer addresses of its own, and peers that there are', () => {
    const nat = (outer: string, address: string): string =>
      `{ kind: nat, outer: ${outer}, address: ${address} }`;
    expect(problems('{ kind: ipsec, peers: [cliemt] }', '', 'rules-only')).toEqual([
      'hosts[0].nse[0].peers[0]: unknown peer "cliemt"; did you mean "client"?',
    ]);
    expect(
      problems(
        '{ kind: source-guard }, { kind: nat, name: source-guard, outer: host, address: 10.0.2.1 }',
        '',
        'rules-only',
      ),
    ).toEqual(['hosts[0].nse[1].name: there are two engines named "source-guard"']);
    expect(problems(nat('host', '10.0.2.1'), nat('host', '10.0.2.1'))).toEqual([
      'hosts[1].nse[0].address: a has 10.0.2.1',
    ]);
    expect(problems(nat('vm', '10.0.0.10'), '', 'rules-only')).toEqual([
      'hosts[0].nse[0].address: web has 10.0.0.10',
    ]);
    expect(problems(nat('gateway', '10.0.2.1'), nat('gateway', '10.0.2.1'))).toEqual([]);
  });
});

describe('a scheme and the engines of a host', () => {
  const mute = '{ kind: intrusion-prevention, name: ips, exports: none }';

  it('contradict each other where it moves what one cannot export', () => {
    expect(problems(mute, mute)).toEqual([
      'migrations[0].scheme: com-rounds, context.engines: moves what ips on a cannot export',
    ]);
    expect(problems(mute, mute, 'rules-only')).toEqual([]);
    // Nothing leaves b: what an engine there can export is nobody's concern.
    expect(problems(mute.replace('none', 'full'), mute)).toEqual([]);
    const chosen = (engines: string): string =>
      `schemes: [{ name: mine, based_on: com, context: { engines: ${engines} } }]`;
    const chain = `${mute}, { kind: stateful-firewall }`;
    expect(problems(chain, chain, 'mine', chosen('[firewall]'))).toEqual([]);
    expect(problems(chain, chain, 'mine', chosen('[firewall, ips]'))).toEqual([
      'schemes[0].context.engines: moves what ips on a cannot export',
    ]);
    expect(problems(chain, chain, 'mine', chosen('[firewall, guard]'))).toEqual([
      'schemes[0].context.engines: names "guard", which no host has',
    ]);
  });
});
